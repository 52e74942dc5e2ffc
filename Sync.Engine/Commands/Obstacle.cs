using System.Collections.Immutable;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Commands;

/// <summary>What a refused command stands before and can wait for. Data.</summary>
internal sealed record Obstacle
{
    /// <summary>Whoever stands before the same stands in one line; null where it is leases that are wanted, which have their order among themselves.</summary>
    public string? Line { get; init; }

    /// <summary>The leases that are wanted, all of them together.</summary>
    public ImmutableArray<WantedLease> Wanted { get; init; } = [];

    /// <summary>What is waited for, as CEL: what others are shown.</summary>
    public required string Condition { get; init; }

    /// <summary>Places whose change may take it away.</summary>
    public required ImmutableArray<StateKey> Reads { get; init; }

    /// <summary>When the clock may take it away; null where it does not.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Whether the clock may take it away at any moment.</summary>
    public bool IsFleeting { get; init; }
}

/// <summary>A refused command that is willing to wait. Data.</summary>
/// <param name="Obstacle">What it stands before.</param>
/// <param name="RequestKey">The key by which a retry finds it, or null.</param>
/// <param name="RequestHash">What tells a retry from another request under that key.</param>
internal sealed record Parking(Obstacle Obstacle, string? RequestKey, string? RequestHash);
