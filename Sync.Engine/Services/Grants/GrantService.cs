using Sync.Engine.Authority;
using Sync.Engine.Authority.Delegation;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Grants;

/// <summary>
/// What a person has allowed a client, until the client fetches it: device flows (RFC 8628) and authorization codes (RFC 6749 §4.1). A grant is redeemed once,
/// for a token with a refresh token; the access secret lives one hour.
/// </summary>
public sealed class GrantService
{
    private const int MaxRequested = 4_096;
    private const int MaxClientId = 2_000;
    private const int MaxClientName = 100;
    private const string NoName = "Device sign-in";

    private static readonly TimeSpan s_deviceLife = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_redemption = TimeSpan.FromMinutes(1);

    private readonly IdentityCache _access;
    private readonly GrantStore _store;
    private readonly Delegation _delegation;
    private readonly TimeProvider _time;

    internal GrantService(IdentityCache access, GrantStore store, Delegation delegation, TimeProvider time)
    {
        _access = access;
        _store = store;
        _delegation = delegation;
        _time = time;
    }

    /// <summary>Begins a device flow.</summary>
    /// <param name="client">The client: an id and a name to show; null for one that gives none.</param>
    /// <param name="scope">What is asked; null asks for <c>rooms:* create_rooms</c>.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>invalid_scope</c>; <c>rate_limited</c> when too many flows are pending.</remarks>
    public async Task<Outcome<DeviceStarted>> StartDeviceAsync(GrantClient? client, string? scope, CancellationToken cancellationToken)
    {
        if (scope is { Length: > MaxRequested })
        {
            return new SyncError(ErrorCode.InvalidScope, $"A device asks for at most {MaxRequested} characters of scope.") { Hint = "Use rooms:* instead of naming every room; the person narrows it." };
        }

        if (!ScopeWords.Requested(scope).Try(out var asked, out var error) || (client is not null && !Check(client).Try(out client, out error)))
        {
            return error;
        }

        var secret = Secret.New(Secret.DevicePrefix);
        byte[] hash = [.. Secret.Hash(secret, Secret.DevicePrefix).ToBytes()];
        while (true)
        {
            var now = _time.GetUtcNow();
            var grant = new GrantRecord
            {
                Id = Secret.NewId("g_"),
                UserCode = UserCode.New(),
                ClientId = client?.Id,
                ClientName = client?.Name,
                Requested = asked.Text,
                State = GrantState.Pending,
                ExpiresAt = now + s_deviceLife,
                Interval = s_interval,
            };
            switch (await _store.StartAsync(grant, hash, now, cancellationToken).ConfigureAwait(false))
            {
                case DeviceStart.Started:
                    return new DeviceStarted(secret, UserCode.Show(grant.UserCode), s_deviceLife, s_interval);
                case DeviceStart.TooMany:
                    return new SyncError(ErrorCode.RateLimited, "Too many devices are waiting for approval.") { Hint = "Try again in a minute.", RetryAfter = TimeSpan.FromMinutes(1) };
            }

            // The code was taken: once in a million times.
        }
    }

    /// <summary>The pending device flow of a user code, for the approval page. Case and hyphens do not matter.</summary>
    /// <remarks>Errors: <c>not_found</c> when unknown, expired or decided.</remarks>
    public async Task<Outcome<PendingDevice>> FindDeviceAsync(string userCode, CancellationToken cancellationToken) =>
        await FindAsync(userCode, cancellationToken).ConfigureAwait(false) is { } grant ? Pending(grant) : NotPending;

    /// <summary>Approves a device flow with a scope within what was asked and what the user holds.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="userCode">The code.</param>
    /// <param name="scope">What the person chose.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>, <c>invalid_scope</c>, <c>scope_exceeds_token</c> (more than was asked), <c>scope_exceeds_access</c>.</remarks>
    public async Task<Outcome<PendingDevice>> ApproveDeviceAsync(Caller caller, string userCode, string scope, CancellationToken cancellationToken)
    {
        if (!_delegation.SessionOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        if (await FindAsync(userCode, cancellationToken).ConfigureAwait(false) is not { } grant)
        {
            return NotPending;
        }

        if (!ScopeParser.ParseStored(grant.Requested).Try(out var asked, out error)
            || !(await ChooseAsync(delegator, asked, scope).ConfigureAwait(false)).Try(out var chosen, out error))
        {
            return error;
        }

        // Approved in the last moment, it can still be fetched.
        var now = _time.GetUtcNow();
        var fetchable = now + s_redemption;
        var approved = grant with
        {
            State = GrantState.Approved,
            Granted = chosen.Text,
            UserId = delegator.User.Id,
            ExpiresAt = grant.ExpiresAt > fetchable ? grant.ExpiresAt : fetchable,
        };
        return await _store.DecideAsync(approved, now, cancellationToken).ConfigureAwait(false) ? Pending(approved) : NotPending;
    }

    /// <summary>Denies a device flow.</summary>
    /// <remarks>Errors: <c>authentication_required</c>, <c>not_found</c>.</remarks>
    public async Task<Outcome<PendingDevice>> DenyDeviceAsync(Caller caller, string userCode, CancellationToken cancellationToken)
    {
        if (!_delegation.SessionOf(caller).Try(out var delegator, out var error))
        {
            return error;
        }

        return await FindAsync(userCode, cancellationToken).ConfigureAwait(false) is { } grant
            && await _store.DecideAsync(grant with { State = GrantState.Denied, UserId = delegator.User.Id }, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false)
            ? Pending(grant)
            : NotPending;
    }

    /// <summary>What a device gets when it asks for its token (RFC 8628 §3.5).</summary>
    /// <param name="deviceCode"><c>dev_…</c></param>
    /// <param name="clientId">The client that asks, or null; when both sides name one they must agree.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    public async Task<DeviceAnswer> PollDeviceAsync(string deviceCode, string? clientId, CancellationToken cancellationToken)
    {
        if (!Secret.TryHash(deviceCode, Secret.DevicePrefix, out var hash))
        {
            return new DeviceAnswer(DeviceState.Invalid, Token: null);
        }

        var (state, issue) = await _store.PollAsync([.. hash.ToBytes()], clientId, _time.GetUtcNow(), Issue, cancellationToken).ConfigureAwait(false);
        return new DeviceAnswer(state, issue is null ? null : issue.Answer(await _access.Tokens.AdoptStoredAsync(issue.Token.Id).ConfigureAwait(false)));
    }

    /// <summary>Notes a person's consent to a client, to be redeemed within a minute. The code that carries the id is the web's.</summary>
    /// <param name="caller">A session.</param>
    /// <param name="client">The client.</param>
    /// <param name="asked">The scope that was asked; null asks for <c>rooms:* create_rooms</c>.</param>
    /// <param name="scope">What the person chose out of it.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <returns>The grant's id.</returns>
    /// <remarks>Errors: <c>authentication_required</c>, <c>invalid_scope</c>, <c>scope_exceeds_token</c> (more than was asked), <c>scope_exceeds_access</c>.</remarks>
    public async Task<Outcome<string>> ConsentAsync(Caller caller, GrantClient client, string? asked, string scope, CancellationToken cancellationToken)
    {
        if (!_delegation.SessionOf(caller).Try(out var delegator, out var error)
            || !Check(client).Try(out client!, out error)
            || !ScopeWords.Requested(asked).Try(out var whole, out error)
            || !(await ChooseAsync(delegator, whole, scope).ConfigureAwait(false)).Try(out var chosen, out error))
        {
            return error;
        }

        var now = _time.GetUtcNow();
        var grant = new GrantRecord
        {
            Id = Secret.NewId("g_"),
            ClientId = client.Id,
            ClientName = client.Name,
            Requested = whole.Text,
            Granted = chosen.Text,
            UserId = delegator.User.Id,
            State = GrantState.Approved,
            ExpiresAt = now + s_redemption,
        };
        await _store.AddConsentAsync(grant, now, cancellationToken).ConfigureAwait(false);
        return grant.Id;
    }

    /// <summary>
    /// Redeems a consent. The second time revokes the token that the first one gave: a code presented twice was stolen (RFC 6749 §4.1.2).
    /// </summary>
    /// <remarks>Errors: <c>invalid_token</c> when unknown, expired, redeemed or another client's.</remarks>
    public async Task<Outcome<IssuedToken>> RedeemAsync(string grantId, string clientId, CancellationToken cancellationToken)
    {
        var (issue, earlier) = await _store.RedeemAsync(grantId, clientId, _time.GetUtcNow(), Issue, cancellationToken).ConfigureAwait(false);
        if (issue is not null)
        {
            return issue.Answer(await _access.Tokens.AdoptStoredAsync(issue.Token.Id).ConfigureAwait(false));
        }

        if (earlier is not null)
        {
            await _access.Tokens.RevokeAsync(earlier, CancellationToken.None).ConfigureAwait(false);
        }

        return new SyncError(ErrorCode.InvalidToken, "This code is unknown here, or no longer valid.") { Hint = "Begin the sign-in again." };
    }

    private static SyncError NotPending { get; } = new(ErrorCode.NotFound, "No device waits with this code.")
    {
        Hint = "Check the code, or begin again on the device: a code is good for 15 minutes and for one decision.",
    };

    private async Task<GrantRecord?> FindAsync(string userCode, CancellationToken cancellationToken) =>
        UserCode.Read(userCode) is { } code ? await _store.FindPendingAsync(code, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) : null;

    // What a person chose must be within what was asked and within what they may themselves.
    private async ValueTask<Outcome<Scope>> ChooseAsync(Delegator delegator, Scope asked, string chosen)
    {
        if (!Scope.Parse(chosen).Try(out var scope, out var error))
        {
            return error;
        }

        return !asked.Covers(scope) ? ScopeErrors.ExceedsRequested(scope, asked)
            : await _delegation.CheckAccessAsync(delegator.User, scope).ConfigureAwait(false) is { } refused ? refused
            : scope;
    }

    // On the writer thread, inside the transaction that redeems the grant.
    private TokenIssue Issue(GrantRecord grant) =>
        _access.Tokens.NewIssue(
            ScopeParser.ParseStored(grant.Granted ?? "").Try(out var scope, out _) ? scope : Scope.Nothing,
            grant.ClientName ?? NoName,
            grant.ClientId,
            expiresIn: null,
            withRefresh: true);

    private static Outcome<GrantClient> Check(GrantClient client) =>
        client.Id.Length is 0 or > MaxClientId
            ? new SyncError(ErrorCode.InvalidParameter, $"A client id has 1 to {MaxClientId:N0} characters.") { Next = [NextStep.RegisterClient] }.With("field", "client_id")
            : client with { Name = client.Name.Length == 0 ? NoName : client.Name.Length <= MaxClientName ? client.Name : client.Name[..MaxClientName] };

    private static PendingDevice Pending(GrantRecord grant) =>
        new(
            UserCode.Show(grant.UserCode!), // Device flows have one.
            grant.ClientId is null ? null : new GrantClient(grant.ClientId, grant.ClientName ?? NoName),
            grant.Requested,
            grant.ExpiresAt);
}

/// <summary>The client that asks for a grant.</summary>
/// <param name="Id">Client id.</param>
/// <param name="Name">What it calls itself; becomes the token's label.</param>
public sealed record GrantClient(string Id, string Name);

/// <summary>A device flow begun.</summary>
/// <param name="DeviceCode"><c>dev_…</c>, the device's secret.</param>
/// <param name="UserCode"><c>ABCD-EFGH</c>: consonants, which spell nothing.</param>
/// <param name="ExpiresIn">Until when it can be approved: 15 minutes.</param>
/// <param name="Interval">How long to wait between polls: 5 seconds, more after <c>slow_down</c>.</param>
public sealed record DeviceStarted(string DeviceCode, string UserCode, TimeSpan ExpiresIn, TimeSpan Interval);

/// <summary>A device flow, as the approval page shows it.</summary>
/// <param name="UserCode">The code in its usual form.</param>
/// <param name="Client">Who asks, or null.</param>
/// <param name="Requested">Canonical text of what is asked.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record PendingDevice(string UserCode, GrantClient? Client, string Requested, DateTimeOffset ExpiresAt);

/// <summary>The answer to a polling device.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Token">With <see cref="DeviceState.Approved"/>: the token, given once.</param>
public sealed record DeviceAnswer(DeviceState State, IssuedToken? Token);
