namespace Sync.Web.Components.Shared;

/// <summary>After how long something that is given out expires, as forms offer it: hours and words. 0 is until somebody revokes it.</summary>
internal static class Lifetimes
{
    /// <summary>Seven days: what forms begin with.</summary>
    public const int Week = 24 * 7;

    private static readonly (int Hours, string Words)[] s_all =
        [(1, "in 1 hour"), (24, "in 1 day"), (Week, "in 7 days"), (24 * 30, "in 30 days"), (24 * 90, "in 90 days"), (24 * 365, "in 1 year"), (0, "never, until it is revoked")];

    /// <summary>For tokens and links.</summary>
    public static IReadOnlyList<(int Hours, string Words)> All => s_all;

    /// <summary>For invitations, which hold for 90 days at most.</summary>
    public static IReadOnlyList<(int Hours, string Words)> ForInvitations { get; } = [.. s_all.Where(static life => life.Hours is >= 24 and <= 24 * 90)];

    /// <summary>For access secrets that a refresh token renews: short, since they renew themselves.</summary>
    public static IReadOnlyList<(int Hours, string Words)> OfRenewed { get; } = [.. s_all.Where(static life => life.Hours is > 0 and <= 24)];

    /// <summary>How long that is, or null for until it is revoked.</summary>
    public static TimeSpan? Of(int hours) => hours == 0 ? null : TimeSpan.FromHours(hours);
}
