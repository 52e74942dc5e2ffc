using Sync.Engine.Model.Packs;

namespace Sync.Engine.Commands.Packs;

/// <summary>What an installation does with one part.</summary>
internal enum PackChangeKind
{
    /// <summary>It was not there.</summary>
    Add,

    /// <summary>What was there is replaced.</summary>
    Change,

    /// <summary>The pack had it before and has it no more, and the room left it as it was.</summary>
    Remove,

    /// <summary>The room's own stays; the pack had nothing new to put there.</summary>
    Keep,

    /// <summary>The room's own stays, and the pack would have put something else there.</summary>
    Conflict,

    /// <summary>What is there says the same.</summary>
    Unchanged,
}

/// <summary>What an installation does with one part.</summary>
/// <param name="Part">The part; of one that the pack has no more, without its text.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Reason">Of what stays: why, in one word.</param>
internal sealed record PackChange(PackPart Part, PackChangeKind Kind, string? Reason = null)
{
    /// <summary>The room wrote something else there.</summary>
    public const string ChangedInRoom = "changed_in_room";

    /// <summary>The room took it away.</summary>
    public const string DeletedInRoom = "deleted_in_room";

    /// <summary>Another pack brought it along too.</summary>
    public const string OtherPack = "other_pack";

    /// <summary>The room had it before the pack did.</summary>
    public const string RoomsOwn = "rooms_own";
}
