using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Manage;

/// <summary>One token, and what its user may do about it.</summary>
public sealed partial class TokenLine
{
    private string? _open;
    private string _label = "";
    private ScopeDraft? _draft;

    /// <summary>The token.</summary>
    [Parameter, EditorRequired]
    public required TokenInfo Token { get; set; }

    /// <summary>The token that minted it, when it is listed too.</summary>
    [Parameter]
    public TokenInfo? Parent { get; set; }

    /// <summary>The rooms its scope may name.</summary>
    [Parameter, EditorRequired]
    public required RoomFinder Rooms { get; set; }

    /// <summary>Told when it was changed.</summary>
    [Parameter, EditorRequired]
    public EventCallback Changed { get; set; }

    private bool Live => IsLive(Token, Time.GetUtcNow());

    private string Name => Token.Label ?? Token.Id;

    /// <summary>Whether a token can still be used, be it after a refresh.</summary>
    internal static bool IsLive(TokenInfo token, DateTimeOffset now) => !token.Revoked && (token.Refreshable || token.ExpiresAt is not { } end || end > now);

    private void Open(string form)
    {
        _open = _open == form ? null : form;
        _label = Token.Label ?? "";
        _draft = ScopeDraft.Of(Token.Scope);
    }

    private Task RenameAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.ChangeAsync(caller, Token.Id, scope: null, _label.Trim(), cancellationToken));

    private Task ChangeScopeAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.ChangeAsync(caller, Token.Id, _draft!.Text, label: null, cancellationToken)); // Made when the form opened.

    private Task KeepAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.KeepAsync(caller, Token.Id, cancellationToken));

    private Task RevokeAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.RevokeAsync(caller, Token.Id, cancellationToken));

    private async Task ChangeAsync<T>(Func<Caller, CancellationToken, Task<Outcome<T>>> ask)
    {
        if (await AskAsync("line", ask))
        {
            _open = null;
            await Changed.InvokeAsync();
        }
    }
}
