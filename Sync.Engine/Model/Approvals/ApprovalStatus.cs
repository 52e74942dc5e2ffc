namespace Sync.Engine.Model.Approvals;

/// <summary>What has become of an approval, as everybody reads it.</summary>
internal static class ApprovalStatus
{
    public const string Pending = "pending";
    public const string Accepted = "accepted";
    public const string Rejected = "rejected";

    /// <summary>Nobody decided in time, which rejects it.</summary>
    public const string Expired = "expired";

    /// <summary>Who asked for it is gone.</summary>
    public const string Withdrawn = "withdrawn";

    public static bool IsKnown(string status) => status is Pending or Accepted or Rejected or Expired or Withdrawn;
}
