using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services.Tokens;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>The room's own tokens that live, for its owners: listed with their use, made, replaced, revoked.</summary>
public sealed partial class RoomTokensBlock
{
    private IReadOnlyList<RoomTokenInfo> _tokens = [];
    private RoomPageModel? _read;
    private RoomTokenMade? _made;
    private Made _kind = Made.Reads;
    private int _hours = Lifetimes.Week;
    private int _max = ShowMore.Step;
    private bool _making;

    private enum Made
    {
        Reads,
        ReadsPrivate,
        Full,
    }

    [Microsoft.AspNetCore.Components.Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private RoomReach Reach =>
        RoomReach.OfRoomToken(Model.Info.Id, _kind == Made.Full ? AccessLevel.Admin : AccessLevel.Read, agent: null, seesPrivate: _kind == Made.ReadsPrivate, Role.Owner, Model.Info.Join);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        // Joins make tokens.
        if (_read is not { } read || read.Agents != Model.Agents)
        {
            _read = Model;
            await ListAsync();
        }
    }

    private Task<bool> ListAsync() => AskAsync(
        "list",
        (viewer, cancellationToken) => viewer.Engine.RoomTokens.ListAsync(viewer.Caller, viewer.Room, cancellationToken),
        tokens => _tokens = [.. tokens.Where(token => !token.Revoked && !(token.ExpiresAt <= Time.GetUtcNow()))]);

    private Task MakeAsync() => MakeAsync("make", new MintRoomToken { Kind = _kind == Made.Full ? RoomTokenKind.Room : RoomTokenKind.View, SeesPrivate = _kind == Made.ReadsPrivate, ExpiresIn = Lifetimes.Of(_hours) });

    private Task ReplaceAsync(RoomTokenInfo token) =>
        MakeAsync("list", new MintRoomToken { Kind = token.Kind, Agent = token.Agent, SeesPrivate = token.SeesPrivate, Replaces = token.Id });

    private async Task MakeAsync(string place, MintRoomToken request)
    {
        if (await AskAsync(place, (viewer, cancellationToken) => viewer.Engine.RoomTokens.MintAsync(viewer.Caller, viewer.Room, request, cancellationToken), made => _made = made))
        {
            _making = false;
            await ListAsync();
        }
    }

    private async Task RevokeAsync(RoomTokenInfo token)
    {
        if (await AskAsync("list", (viewer, cancellationToken) => viewer.Engine.RoomTokens.RevokeAsync(viewer.Caller, viewer.Room, token.Id, cancellationToken)))
        {
            _made = _made?.Info.Id == token.Id ? null : _made;
            await ListAsync();
        }
    }
}
