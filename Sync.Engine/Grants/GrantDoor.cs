namespace Sync.Engine;

/// <summary>
/// What a person has allowed a client, until the client fetches it: device flows (RFC 8628) and authorization codes (RFC 6749 §4.1). A grant is redeemed once,
/// for a token with a refresh token; the access secret lives one hour.
/// </summary>
public sealed class GrantDoor
{
    /// <summary>Begins a device flow.</summary>
    /// <param name="client">The client: an id and a name to show; null for one that gives none.</param>
    /// <param name="scope">What is asked; null asks for <c>rooms:* create_rooms</c>.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>invalid_scope</c>; <c>rate_limited</c> when too many flows are pending.</remarks>
    public Task<Outcome<DeviceStarted>> StartDeviceAsync(GrantClient? client, string? scope, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The pending device flow of a user code, for the approval page. Case and hyphens do not matter.</summary>
    /// <remarks>Errors: <c>not_found</c> when unknown, expired or decided.</remarks>
    public Task<Outcome<PendingDevice>> FindDeviceAsync(string userCode, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Approves a device flow with a scope within what was asked and what the user holds.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="userCode">The code.</param>
    /// <param name="scope">What the person chose.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>, <c>invalid_scope</c>, <c>scope_exceeds_token</c> (more than was asked), <c>scope_exceeds_access</c>.</remarks>
    public Task<Outcome<PendingDevice>> ApproveDeviceAsync(Caller caller, string userCode, string scope, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Denies a device flow.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>.</remarks>
    public Task<Outcome<PendingDevice>> DenyDeviceAsync(Caller caller, string userCode, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What a device gets when it asks for its token (RFC 8628 §3.5).</summary>
    /// <param name="deviceCode"><c>dev_…</c></param>
    /// <param name="clientId">The client that asks, or null; when both sides name one they must agree.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public Task<DeviceAnswer> PollDeviceAsync(string deviceCode, string? clientId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Notes a person's consent to a client, to be redeemed within a minute. The code that carries the id is the web's.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="client">The client.</param>
    /// <param name="asked">The scope that was asked; null asks for <c>rooms:* create_rooms</c>.</param>
    /// <param name="scope">What the person chose out of it.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <returns>The grant's id.</returns>
    /// <remarks>Errors: <c>authentication_required</c>, <c>invalid_scope</c>, <c>scope_exceeds_token</c> (more than was asked), <c>scope_exceeds_access</c>.</remarks>
    public Task<Outcome<string>> ConsentAsync(Caller caller, GrantClient client, string? asked, string scope, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Redeems a consent. The second time revokes the token that the first one gave: a code presented twice was stolen (RFC 6749 §4.1.2).
    /// </summary>
    /// <remarks>Errors: <c>invalid_token</c> when unknown, expired, redeemed or another client's.</remarks>
    public Task<Outcome<IssuedToken>> RedeemAsync(string grantId, string clientId, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>Who asks for a grant.</summary>
/// <param name="Id">Client id.</param>
/// <param name="Name">What it calls itself; becomes the token's label.</param>
public sealed record GrantClient(string Id, string Name);

/// <summary>A device flow begun.</summary>
/// <param name="DeviceCode"><c>dev_…</c>, the device's secret.</param>
/// <param name="UserCode"><c>ABCD-EFGH</c>: consonants and digits that cannot be mistaken for one another and spell nothing.</param>
/// <param name="ExpiresIn">Until when it can be approved: 15 minutes.</param>
/// <param name="Interval">How long to wait between polls: 5 seconds, more after <c>slow_down</c>.</param>
public sealed record DeviceStarted(string DeviceCode, string UserCode, TimeSpan ExpiresIn, TimeSpan Interval);

/// <summary>A device flow, as the approval page shows it.</summary>
/// <param name="UserCode">The code in its usual form.</param>
/// <param name="Client">Who asks, or null.</param>
/// <param name="Asked">Canonical text of what is asked.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record PendingDevice(string UserCode, GrantClient? Client, string Asked, DateTimeOffset ExpiresAt);

/// <summary>What a polling device is told.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Token">With <see cref="DeviceState.Approved"/>: the token, given once.</param>
public sealed record DeviceAnswer(DeviceState State, IssuedToken? Token);

/// <summary>How a device flow stands for who polls it (RFC 8628 §3.5).</summary>
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
