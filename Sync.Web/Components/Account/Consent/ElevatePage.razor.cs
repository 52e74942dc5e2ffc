using System.Globalization;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Account.Consent;

/// <summary>Adds a room to a token after its user's consent. The link to it comes with a <c>scope_denied</c> refusal.</summary>
public sealed partial class ElevatePage
{
    private Elevation? _elevation;
    private Elevation? _done;
    private SyncError? _refusal;
    private bool _cancelled;
    private ClientOrigin _origin = ClientOrigin.Unknown;

    /// <summary>The token to widen.</summary>
    [SupplyParameterFromQuery(Name = "token_id")]
    public string? TokenId { get; set; }

    /// <summary>The room to add.</summary>
    [SupplyParameterFromQuery(Name = "room")]
    public string? Room { get; set; }

    /// <summary>How much of it: <c>read</c>, <c>write</c> (unless given) or <c>admin</c>.</summary>
    [SupplyParameterFromQuery(Name = "level")]
    public string? Level { get; set; }

    private string? Advice => _refusal?.Code switch
    {
        { } code when code == ErrorCode.TokenNotFound => $"You are signed in as {Caller.UserName}. If the token is another user's, that user has to open this link.",
        { } code when code == ErrorCode.ScopeExceedsAccess => "When you have it, open this link again.",
        _ => null,
    };

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (!IsSignedIn())
        {
            return;
        }

        if (TokenId is not { Length: > 0 } || Room is not { Length: > 0 } || LevelOf(Level) is not { } level)
        {
            _refusal = new SyncError(ErrorCode.InvalidParameter, "This link is not complete.") { Hint = "It names a token_id, a room and a level: read, write or admin." };
            return;
        }

        if ((await Engine.Tokens.ElevationAsync(Caller, TokenId, Room, level, Http.RequestAborted)).Try(out _elevation, out _refusal) && _elevation.Token.ClientId is { } client)
        {
            _origin = await OriginAsync(client);
        }
    }

    private static string Expires(TokenInfo token) =>
        token.Refreshable ? ClientFacts.WhenRevoked
        : token.ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $"with the token, on {end.UtcDateTime:d MMMM yyyy, HH:mm} UTC")
        : "not before you revoke the token";

    private static AccessLevel? LevelOf(string? level) => level switch
    {
        null or "" or "write" => AccessLevel.Write,
        "read" => AccessLevel.Read,
        "admin" or "full" => AccessLevel.Admin,
        _ => null,
    };

    private static string NameOf(TokenInfo token) => token.Label is { Length: > 0 } label ? label : "A token without a name";

    private static string Added(Elevation elevation) => GrantWords.Room(elevation.Room, elevation.Level);

    private async Task DecideAsync()
    {
        if (_elevation is not { } asked || Caller.IsAnonymous)
        {
            return;
        }

        if (Http.Request.Form["decision"] != "allow")
        {
            _cancelled = true;
            return;
        }

        (await Engine.Tokens.ElevateAsync(Caller, asked.Token.Id, asked.Room, asked.Level, Http.RequestAborted)).Try(out _done, out _refusal);
    }
}
