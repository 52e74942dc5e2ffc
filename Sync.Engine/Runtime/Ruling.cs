using Sync.Engine.Commands;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime.Lines;

namespace Sync.Engine.Runtime;

/// <summary>What has become of a command.</summary>
/// <param name="Decision">The decision, or null when none could be made.</param>
/// <param name="Error">Why, then.</param>
/// <param name="Pending">The event that is on its way.</param>
/// <param name="Basis">What it was decided on.</param>
internal readonly record struct Ruling(Decision? Decision, SyncError? Error, PendingEvent? Pending, PendingEvent? Basis)
{
    /// <summary>Where it stands in line; null where it is answered.</summary>
    public ParkedCall? Parked { get; init; }

    /// <summary>Whether what it was decided on was undone meanwhile.</summary>
    public bool IsUndone { get; init; }

    /// <summary>How often the room had been told of changes without an event when it was decided.</summary>
    public long Notices { get; init; }

    public static Ruling Of(SyncError error) => new(Decision: null, error, Pending: null, Basis: null);
}
