using Sync.Engine.Identity.Sessions;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Identity;

/// <summary>
/// Who is asking. Every call of the engine takes one; what it may do is worked out there, at each call, from the token's
/// current scope and the user's current role, so a revocation holds from the next call on.
/// </summary>
public sealed class Caller
{
    private CallerIdentity? _identity;

    private Caller(TokenRecord? token, string? systemName, AccessLevel systemLevel, ICallerSession? session = null, IStepRenderer? steps = null)
    {
        Token = token;
        SystemName = systemName;
        SystemLevel = systemLevel;
        Session = session;
        Steps = steps ?? PlainSteps.Instance;
    }

    /// <summary>Nobody: a request without a token.</summary>
    public static Caller Anonymous { get; } = new(token: null, systemName: null, AccessLevel.None);

    /// <summary>The presented token, as it stood when authenticated; null for anonymous and system callers.</summary>
    internal TokenRecord? Token { get; }

    /// <summary>The name of the part of the server that asks, for in-process callers.</summary>
    internal string? SystemName { get; }

    /// <summary>What a part of the server may do in every room.</summary>
    internal AccessLevel SystemLevel { get; }

    /// <summary>The client session the call is made in, which says as whom it acts and may have narrowed itself; null outside of one.</summary>
    internal ICallerSession? Session { get; }

    /// <summary>How the surface that the call came through says calls.</summary>
    internal IStepRenderer Steps { get; }

    /// <summary>Whether nobody is known.</summary>
    public bool IsAnonymous => Token is null && SystemName is null;

    /// <summary>Whether this is a part of the server itself.</summary>
    public bool IsSystem => SystemName is not null;

    /// <summary>The token's id, for rate limits and logs; never a secret.</summary>
    public string? TokenId => Token?.Id;

    /// <summary>The name of the token's user, when it has one.</summary>
    public string? UserName => Token?.User?.Name;

    /// <summary>The id of the token's user, when it has one.</summary>
    public string? UserId => Token?.User?.Id;

    /// <summary>The OAuth client the token was issued to; null for minted and legacy tokens and sessions.</summary>
    public string? ClientId => Token?.ClientId;

    /// <summary>When the token was issued, to the millisecond; a refresh leaves it as it was. Null without a token.</summary>
    public DateTimeOffset? IssuedAt => Token?.CreatedAt;

    /// <summary>Whether this is a person in a signed-in browser, who may whatever their user may.</summary>
    public bool IsSession => Token?.Kind == CredentialKind.Session;

    /// <summary>A part of the server itself: full access everywhere. Only in-process code can make one.</summary>
    public static Caller System(string name) => new(token: null, name, AccessLevel.Admin);

    /// <summary>A part of the server that only reads, everywhere and everything: for what it shows on its own account.</summary>
    public static Caller SystemReader(string name) => new(token: null, name, AccessLevel.Read);

    /// <summary>The same caller in a client session: it acts as the agents the session embodies, and may no more than the session has left itself.</summary>
    public Caller In(ClientSession session) => new(Token, SystemName, SystemLevel, session, Steps);

    /// <summary>The same caller in a session whose call names the agent to act as.</summary>
    internal Caller In(SessionOfCall session) => new(Token, SystemName, SystemLevel, session, Steps);

    /// <summary>The same caller through a surface: answers that name calls name them in its words.</summary>
    public Caller Through(IStepRenderer surface) => new(Token, SystemName, SystemLevel, Session, surface);

    /// <summary>The caller of a command, as it is now where the command is decided.</summary>
    internal Caller In(SentSession? session) => session is null ? this : new(Token, SystemName, SystemLevel, session);

    /// <summary>A part of the server, of a level.</summary>
    internal static Caller System(string name, AccessLevel level) => new(token: null, name, level);

    /// <summary>Who it is, as a command for a room says it.</summary>
    internal CallerIdentity IdentityIn(string room) =>
        Session is null ? _identity ??= new CallerIdentity(TokenId, SystemName, SystemLevel, Session: null)
        : new CallerIdentity(TokenId, SystemName, SystemLevel, new SentSession(Session.Id, Session.Client, Session.SessionIn(room)));

    internal static Caller Of(TokenRecord token) => new(token, systemName: null, AccessLevel.None);
}
