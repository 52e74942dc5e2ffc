namespace Sync.Engine.Identity.Administration;

/// <summary>Which part of a list an administrator asks for.</summary>
/// <typeparam name="TSort">What it can be sorted by.</typeparam>
public sealed record ListRequest<TSort>
    where TSort : struct, Enum
{
    /// <summary>The most rows of one answer.</summary>
    public const int MaxTake = 100;

    /// <summary>Text that names contain, without regard to case; null or empty for all.</summary>
    public string? Search { get; init; }

    /// <summary>What it is sorted by.</summary>
    public required TSort Sort { get; init; }

    /// <summary>Whether the largest, or the latest, comes first.</summary>
    public bool Descending { get; init; }

    /// <summary>How many rows are left out.</summary>
    public int Skip { get; init; }

    /// <summary>How many rows are wanted, at most <see cref="MaxTake"/>.</summary>
    public int Take { get; init; } = 25;
}

/// <summary>A part of a list.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Total">How many there are in all that fit the search.</param>
/// <typeparam name="T">Of what.</typeparam>
public sealed record ListPart<T>(IReadOnlyList<T> Rows, int Total);

/// <summary>What users are sorted by.</summary>
public enum UserSort
{
    /// <summary>Their name.</summary>
    Name,
    /// <summary>When they came.</summary>
    Created,
    /// <summary>When they were last seen.</summary>
    LastSeen,
    /// <summary>How many rooms they are in.</summary>
    Rooms,
    /// <summary>How many live tokens they have.</summary>
    Tokens,
    /// <summary>How many browsers they are signed in with.</summary>
    Sessions,
}

/// <summary>What rooms are sorted by.</summary>
public enum RoomSort
{
    /// <summary>Their id.</summary>
    Id,
    /// <summary>When they were made.</summary>
    Created,
    /// <summary>When their last event was.</summary>
    LastEvent,
    /// <summary>How many events they have.</summary>
    Events,
    /// <summary>How many members they have.</summary>
    Members,
}

/// <summary>What credentials are sorted by.</summary>
public enum CredentialSort
{
    /// <summary>When they were last used.</summary>
    LastUsed,
    /// <summary>When they were made.</summary>
    Created,
    /// <summary>When they end.</summary>
    Expires,
    /// <summary>Whose they are.</summary>
    User,
    /// <summary>What they are called.</summary>
    Label,
}
