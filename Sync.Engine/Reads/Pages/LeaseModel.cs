using System.Collections.Immutable;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Reads.Pages;

/// <summary>A lease in a model. Equal where it says the same, its lists included, so that a page tells what to draw again.</summary>
public sealed record LeaseModel
{
    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>How conditions name it, those among them that whoever stands in line waits for.</summary>
    public string Expression => LeaseKeys.ExpressionOf(Key);

    /// <summary>Whether any number of agents may hold it that all say so.</summary>
    public required bool IsShared { get; init; }

    /// <summary>Who holds it, one unless it is shared.</summary>
    public required ImmutableArray<LeaseHolderModel> Holders { get; init; }

    /// <summary>Whether the reader's agent is one of them.</summary>
    public required bool IsOwn { get; init; }

    /// <inheritdoc/>
    public bool Equals(LeaseModel? other) => other is not null && Key == other.Key && IsShared == other.IsShared && IsOwn == other.IsOwn && Holders.AsSpan().SequenceEqual(other.Holders.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, IsShared, IsOwn, Holders.Length);

    internal static LeaseModel Of(LeaseRecord lease, Moment moment, string? self) => new()
    {
        Key = lease.Key,
        IsShared = lease.Mode == LeaseMode.Shared,
        IsOwn = lease.Of(self) is not null,
        Holders = [.. lease.Holds.Select(hold => new LeaseHolderModel
        {
            Agent = hold.Agent,
            Fence = hold.Fence,
            TakenAt = hold.TakenAt,
            ExpiresAt = LiveLeases.EndOf(moment, hold),
            Note = hold.Note,
            Via = hold.Via,
            Paths = hold.Paths,
        })],
    };
}

/// <summary>One agent's hold of a lease in a model.</summary>
public sealed record LeaseHolderModel
{
    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The event that gave it.</summary>
    public required long Fence { get; init; }

    /// <summary>When it was given.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>When it ends as things stand; null while its clock stands still, and of the past where that hung on signs of life.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What the agent says of it.</summary>
    public string? Note { get; init; }

    /// <summary>The action that took it.</summary>
    public string? Via { get; init; }

    /// <summary>The paths that it reserves.</summary>
    public ImmutableArray<string> Paths { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(LeaseHolderModel? other) =>
        other is not null && Agent == other.Agent && Fence == other.Fence && TakenAt == other.TakenAt && ExpiresAt == other.ExpiresAt && Note == other.Note && Via == other.Via && Paths.AsSpan().SequenceEqual(other.Paths.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Agent, Fence, ExpiresAt);
}
