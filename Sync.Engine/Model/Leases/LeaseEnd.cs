namespace Sync.Engine.Model.Leases;

/// <summary>Why a hold ended before its work was done.</summary>
internal enum LeaseEndReason
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>Its holder gave it up.</summary>
    Released,

    /// <summary>An owner took it away.</summary>
    Forced,

    /// <summary>Its holder left the room.</summary>
    Removed,

    /// <summary>It was passed on, and what was to be invoked for it is not kept: whoever has it now has not agreed to that.</summary>
    HandedOver,
}

/// <summary>The words of <see cref="LeaseEndReason"/>.</summary>
internal static class LeaseEndReasonWords
{
    public static string Word(this LeaseEndReason reason) => reason switch
    {
        LeaseEndReason.Expired => "expired",
        LeaseEndReason.Released => "released",
        LeaseEndReason.Forced => "forced",
        LeaseEndReason.Removed => "removed",
        LeaseEndReason.HandedOver => "handed_over",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>The reason of a word.</summary>
    public static LeaseEndReason Parse(string word) => word switch
    {
        "released" => LeaseEndReason.Released,
        "forced" => LeaseEndReason.Forced,
        "removed" => LeaseEndReason.Removed,
        "handed_over" => LeaseEndReason.HandedOver,
        _ => LeaseEndReason.Expired,
    };
}

/// <summary>The end of a hold before its work was done, as its event tells it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Agent">Who held it.</param>
/// <param name="Fence">The hold's fence.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="OnLapse">What was invoked for it in the holder's name, or null.</param>
/// <param name="Refused">The code with which that was refused; null where it was carried out. The hold ended all the same.</param>
internal sealed record LeaseEnd(string Key, string Agent, long Fence, LeaseEndReason Reason, string? OnLapse, string? Refused);
