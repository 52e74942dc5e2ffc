using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Tokens;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Manage;

/// <summary>A person's tokens.</summary>
public sealed partial class TokensSection
{
    private static readonly (int Hours, string Words)[] s_lives = [(1, "1 hour"), (24, "1 day"), (24 * 7, "7 days"), (24 * 30, "30 days"), (24 * 90, "90 days"), (24 * 365, "1 year")];

    private IReadOnlyList<TokenInfo> _tokens = [];
    private RoomFinder? _rooms;
    private IssuedToken? _issued;
    private ScopeDraft _draft = new();
    private int _max = ShowMore.Step;
    private bool _loaded;
    private bool _minting;
    private bool _showEnded;
    private bool _withRefresh;
    private string _label = "";
    private int _hours = 24 * 30;

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs.

    private IReadOnlyList<TokenInfo> Shown => _showEnded ? _tokens : [.. _tokens.Where(IsLive)];

    private IEnumerable<(int Hours, string Words)> Lives => _withRefresh ? s_lives[..2] : s_lives.Append((0, "until it is revoked"));

    private RoomFinder Rooms => _rooms ??= RoomFinder.Of(Engine, () => Caller);

    private protected override Task LoadAsync() =>
        AskAsync("list", (caller, cancellationToken) => Engine.Tokens.ListAsync(caller, cancellationToken), tokens => (_tokens, _loaded) = (tokens, true));

    private bool IsLive(TokenInfo token) => TokenLine.IsLive(token, Time.GetUtcNow());

    private void SetRefresh(bool withRefresh) => (_withRefresh, _hours) = (withRefresh, withRefresh ? 1 : 24 * 30);

    private string Curl(IssuedToken issued) => $"curl -H \"Authorization: Bearer {issued.Secret}\" {Options.PublicUrl}/rooms";

    private async Task MintAsync()
    {
        var request = new MintToken
        {
            Scope = _draft.Text,
            Label = _label.Trim() is { Length: > 0 } label ? label : null,
            ExpiresIn = _hours == 0 ? null : TimeSpan.FromHours(_hours),
            WithRefresh = _withRefresh,
        };
        if (await AskAsync("mint", (caller, cancellationToken) => Engine.Tokens.MintAsync(caller, request, cancellationToken), issued => _issued = issued))
        {
            (_minting, _draft, _label) = (false, new ScopeDraft(), "");
            SetRefresh(withRefresh: false);
            await LoadAsync();
        }
    }

    private async Task RevokeAllAsync()
    {
        foreach (var token in _tokens.Where(IsLive).ToList())
        {
            if (!await AskAsync("list", (caller, cancellationToken) => Engine.Tokens.RevokeAsync(caller, token.Id, cancellationToken)))
            {
                return;
            }
        }

        _issued = null;
        await LoadAsync();
    }
}
