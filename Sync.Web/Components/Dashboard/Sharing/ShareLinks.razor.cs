using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Options;

namespace Sync.Web.Components.Dashboard.Sharing;

/// <summary>The surfaces of a room that its owner shares by link.</summary>
public sealed partial class ShareLinks
{
    private static readonly (int Hours, string Words)[] s_lives = [(0, "until it is revoked"), (1, "1 hour"), (24, "1 day"), (24 * 7, "7 days"), (24 * 30, "30 days"), (24 * 90, "90 days")];

    private ShareDraft _draft = new();
    private IReadOnlyList<TokenInfo> _links = [];
    private SyncError? _refusal;
    private string? _link;

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs, like the clock.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => AskAsync(ListAsync);

    private static string NameOf(TokenInfo link) => link.Label is { } label && label.StartsWith(ShareDraft.Label + ": ", StringComparison.Ordinal) ? label[(ShareDraft.Label.Length + 2)..] : ShareDraft.Label;

    private static bool IsLink(string? label) => label == ShareDraft.Label || (label?.StartsWith(ShareDraft.Label + ": ", StringComparison.Ordinal) ?? false);

    private string Shows(TokenInfo link)
    {
        if (!Scope.Parse(link.Scope).Try(out var scope, out _) || scope.ViewsFor(Model.Info.Id) is not { } views)
        {
            return "everything a reader sees";
        }

        var labels = ShareChoice.Of(Model).ToDictionary(choice => choice.View, choice => choice.Label, StringComparer.Ordinal);
        return $"{(views.Count == 1 ? "1 surface" : $"{views.Count} surfaces")}: {string.Join(", ", views.Select(view => labels.GetValueOrDefault(view, view)))}";
    }

    // A room's own token has no user and so no tokens to list.
    private async Task ListAsync()
    {
        if (Viewer is not { Caller.UserId: not null })
        {
            return;
        }

        if ((await Viewer.Engine.Tokens.ListAsync(Viewer.Caller, Gone)).Try(out var tokens, out var error))
        {
            var now = Time.GetUtcNow();
            _links = [.. tokens.Where(token => IsLink(token.Label) && token.RoomId == Viewer.Room && !token.Revoked && !(token.ExpiresAt <= now))];
        }
        else
        {
            _refusal = error;
        }
    }

    private Task ShareAsync() => AskAsync(async () =>
    {
        _refusal = null;
        if (Viewer is null || _draft.Request(Viewer.Room, ShareChoice.Of(Model)) is not { } request)
        {
            return;
        }

        if ((await Viewer.Engine.Tokens.MintAsync(Viewer.Caller, request, Gone)).Try(out var issued, out _refusal))
        {
            _link = ShareLink.Of(Options.PublicUrl, Viewer.Room, issued.Secret);
            _draft = new ShareDraft();
            await ListAsync();
        }
    });

    private Task RevokeAsync(TokenInfo link) => AskAsync(async () =>
    {
        _refusal = null;
        if (Viewer is not null && (await Viewer.Engine.Tokens.RevokeAsync(Viewer.Caller, link.Id, Gone)).Try(out _, out _refusal))
        {
            _link = null;
            await ListAsync();
        }
    });
}
