namespace Sync.Engine.Identity.Grants;

/// <summary>The state of a device flow as a polling device sees it (RFC 8628 §3.5).</summary>
public enum DeviceState
{
    /// <summary><c>authorization_pending</c></summary>
    Pending,
    /// <summary><c>slow_down</c>: the interval is five seconds longer from now on.</summary>
    SlowDown,
    /// <summary><c>access_denied</c></summary>
    Denied,
    /// <summary><c>expired_token</c></summary>
    Expired,
    /// <summary><c>invalid_grant</c>: unknown, another client's, or redeemed.</summary>
    Invalid,
    /// <summary>Approved; the answer carries the token.</summary>
    Approved,
}
