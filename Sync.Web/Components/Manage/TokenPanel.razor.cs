using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Manage;

/// <summary>One token, and what its user may do about it. A refused change keeps what was typed, with the reason below it; the token is shown as it stands.</summary>
public sealed partial class TokenPanel
{
    private string _label = "";
    private ScopeDraft _draft = new();

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

    /// <summary>Closes it.</summary>
    [Parameter, EditorRequired]
    public EventCallback Close { get; set; }

    private protected override Task LoadAsync()
    {
        (_label, _draft) = (Token.Label ?? "", ScopeDraft.Of(Token.Scope));
        return Task.CompletedTask;
    }

    private Task RenameAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.ChangeAsync(caller, Token.Id, scope: null, _label.Trim(), cancellationToken));

    private Task ChangeScopeAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.ChangeAsync(caller, Token.Id, _draft.Text, label: null, cancellationToken));

    private Task KeepAsync() => ChangeAsync((caller, cancellationToken) => Engine.Tokens.KeepAsync(caller, Token.Id, cancellationToken));

    private async Task ChangeAsync<T>(Func<Caller, CancellationToken, Task<Outcome<T>>> ask)
    {
        if (await AskAsync("token", ask))
        {
            await Changed.InvokeAsync();
        }
    }
}
