using System.Collections.Immutable;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Commands.Leases;

/// <summary>What is asked for of a key. What is left out stays as it is where the agent holds the key already.</summary>
internal sealed record LeaseClaim
{
    public required string Key { get; init; }

    /// <summary>How it is to be held; exclusive, or as it is.</summary>
    public LeaseMode? Mode { get; init; }

    /// <summary>How long, or null for as long as the holder lives.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Paths to reserve with it.</summary>
    public ImmutableArray<PathPattern>? Paths { get; init; }

    public string? Note { get; init; }

    public LeaseLapse? OnLapse { get; init; }

    /// <summary>The action that takes it.</summary>
    public required string Via { get; init; }
}
