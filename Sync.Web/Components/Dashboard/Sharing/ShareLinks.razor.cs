using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Web.Components.Shared;
using Sync.Web.Http.Answers;
using Sync.Web.Options;

namespace Sync.Web.Components.Dashboard.Sharing;

/// <summary>The surfaces of a room that its owner shares by link. While the list stands on a page it follows the links' use.</summary>
public sealed partial class ShareLinks
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(3);

    private ShareDraft _draft = new();
    private IReadOnlyList<TokenInfo> _links = [];
    private BackgroundLoop? _looking;
    private string? _link;
    private int _max = ShowMore.Step;

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private ILogger<ShareLinks> Log { get; set; } = null!;

    private bool IsOpen => Model.Info.Join == JoinPolicy.Open;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Begin();

        // A room's own token has no user and so no links to list.
        if (Viewer is { Caller.UserId: not null } viewer)
        {
            await ListAsync();
            _looking = BackgroundLoop.Start(
                new BackgroundLoopOptions { Name = "use of share links", Every = s_betweenLooks, Time = Time, Logger = Log, Health = viewer.Engine.Health },
                stop => LookAsync(viewer, stop));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // It ends by itself; nobody has to wait for it.
            _ = _looking?.DisposeAsync().AsTask();
        }

        base.Dispose(disposing);
    }

    private static string LabelOf(IReadOnlyList<ShareChoice> choices, string view) => choices.FirstOrDefault(choice => choice.View == view)?.Label ?? view;

    private static string NameOf(TokenInfo link) => link.Label is { } label && label.StartsWith(ShareDraft.Label + ": ", StringComparison.Ordinal) ? label[(ShareDraft.Label.Length + 2)..] : ShareDraft.Label;

    private static bool IsLink(string? label) => label == ShareDraft.Label || (label?.StartsWith(ShareDraft.Label + ": ", StringComparison.Ordinal) ?? false);

    private void Begin()
    {
        _draft = new ShareDraft();
        _draft.TickOnly(ShareChoice.Of(Model));
    }

    private string Shows(TokenInfo link, IReadOnlyList<ShareChoice> choices)
    {
        if (!Scope.Parse(link.Scope).Try(out var scope, out _) || scope.ViewsFor(Model.Info.Id) is not { } views)
        {
            return "everything a reader sees";
        }

        return $"{(views.Count == 1 ? "1 surface" : $"{views.Count} surfaces")}: {string.Join(", ", views.Select(view => LabelOf(choices, view)))}";
    }

    private Task<bool> ListAsync() => AskAsync("links", (viewer, cancellationToken) => viewer.Engine.Tokens.ListAsync(viewer.Caller, cancellationToken), Take);

    private void Take(IReadOnlyList<TokenInfo> tokens)
    {
        var now = Time.GetUtcNow();
        _links = [.. tokens.Where(token => IsLink(token.Label) && token.RoomId == Viewer?.Room && !token.Revoked && !(token.ExpiresAt <= now))];
    }

    // Beside what is being asked: a look must not keep anybody from pressing a button.
    private async Task LookAsync(RoomViewer viewer, CancellationToken stop)
    {
        if (!(await viewer.Engine.Tokens.ListAsync(viewer.Caller, stop)).Try(out var tokens, out _))
        {
            return;
        }

        await InvokeAsync(() =>
        {
            var before = _links;
            Take(tokens);
            if (!stop.IsCancellationRequested && !before.SequenceEqual(_links))
            {
                StateHasChanged();
            }
        });
    }

    // Members only comes first: a link that is made into an open room would have told its holder the id meanwhile. Where the link is refused the room is open again, as it was.
    private async Task ShareAsync(bool closes)
    {
        if (IsBusy || _draft.Request(Model.Info.Id, ShareChoice.Of(Model)) is not { } request || (closes && !await SetJoinAsync(JoinPolicy.Members)))
        {
            return;
        }

        if (await AskAsync("links", (viewer, cancellationToken) => viewer.Engine.Tokens.MintAsync(viewer.Caller, request, cancellationToken), issued => _link = ShareLink.Of(Options.PublicUrl, Model.Info.Id, issued.Secret)))
        {
            Begin();
            await ListAsync();
        }
        else if (closes)
        {
            var refused = RefusedAt("links");
            await SetJoinAsync(JoinPolicy.Open);
            Refuse("links", refused);
        }
    }

    private Task<bool> SetJoinAsync(JoinPolicy join) =>
        AskAsync("links", (viewer, cancellationToken) => viewer.Engine.Rooms.PatchAsync(viewer.Caller, viewer.Room, new RoomPatch(null, join), cancellationToken));

    private async Task RevokeAsync(TokenInfo link)
    {
        if (await AskAsync("links", (viewer, cancellationToken) => viewer.Engine.Tokens.RevokeAsync(viewer.Caller, link.Id, cancellationToken)))
        {
            _link = null;
            await ListAsync();
        }
    }
}
