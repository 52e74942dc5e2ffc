using Microsoft.AspNetCore.Components;
using Sync.Engine.Services.Tokens;

namespace Sync.Web.Components.Manage;

/// <summary>A room's own tokens, for its owners.</summary>
public sealed partial class RoomTokensBlock
{
    private IReadOnlyList<RoomTokenInfo> _tokens = [];
    private RoomTokenMade? _made;
    private string _kind = "view";

    /// <summary>Whose.</summary>
    [Parameter, EditorRequired]
    public required string Room { get; set; }

    private IReadOnlyList<RoomTokenInfo> Live => [.. _tokens.Where(token => !token.Revoked && !(token.ExpiresAt <= Time.GetUtcNow()))];

    private protected override Task LoadAsync() => AskAsync("list", (caller, cancellationToken) => Engine.RoomTokens.ListAsync(caller, Room, cancellationToken), tokens => _tokens = tokens);

    private Task MakeAsync() => MakeAsync("make", new MintRoomToken { Kind = _kind == "room" ? RoomTokenKind.Room : RoomTokenKind.View, SeesPrivate = _kind == "private" });

    private Task ReplaceAsync(RoomTokenInfo token) =>
        MakeAsync("list", new MintRoomToken { Kind = token.Kind, Agent = token.Agent, SeesPrivate = token.SeesPrivate, Replaces = token.Id });

    private async Task MakeAsync(string place, MintRoomToken request)
    {
        if (await AskAsync(place, (caller, cancellationToken) => Engine.RoomTokens.MintAsync(caller, Room, request, cancellationToken), made => _made = made))
        {
            await LoadAsync();
        }
    }

    private async Task RevokeAsync(RoomTokenInfo token)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.RoomTokens.RevokeAsync(caller, Room, token.Id, cancellationToken)))
        {
            _made = _made?.Info.Id == token.Id ? null : _made;
            await LoadAsync();
        }
    }
}
