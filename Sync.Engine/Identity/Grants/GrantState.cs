namespace Sync.Engine.Identity.Grants;

/// <summary>The state of a grant.</summary>
internal enum GrantState
{
    /// <summary>Waits for a person.</summary>
    Pending,
    /// <summary>Granted, not fetched yet.</summary>
    Approved,
    /// <summary>Refused.</summary>
    Denied,
    /// <summary>Fetched.</summary>
    Redeemed,
}
