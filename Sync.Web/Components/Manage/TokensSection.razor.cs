using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Tokens;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Manage;

/// <summary>A person's tokens.</summary>
public sealed partial class TokensSection
{
    private const int MaxWords = 3;

    private IReadOnlyList<TokenInfo> _tokens = [];
    private RoomFinder? _rooms;
    private IssuedToken? _issued;
    private TokenInfo? _opened;
    private ScopeDraft _draft = new();
    private bool _loaded;
    private bool _isNew;
    private bool _showEnded;
    private bool _withRefresh;
    private string _label = "";
    private string _words = "";
    private int _hours = Lifetimes.Week;

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs.

    private IReadOnlyList<TokenInfo> Shown => _showEnded ? _tokens : [.. _tokens.Where(IsLive)];

    private RoomFinder Rooms => _rooms ??= RoomFinder.Of(Engine, () => Caller);

    /// <summary>What a token is called on the page.</summary>
    internal static string NameOf(TokenInfo token) => token.Label ?? token.Id;

    private protected override Task LoadAsync() =>
        AskAsync("list", (caller, cancellationToken) => Engine.Tokens.ListAsync(caller, cancellationToken), tokens => (_tokens, _loaded) = (tokens, true));

    private async Task ReloadAsync()
    {
        await LoadAsync();
        _opened = null;
    }

    // A token can be used, be it after a refresh.
    private bool IsLive(TokenInfo token) => !token.Revoked && (token.Refreshable || token.ExpiresAt is not { } end || end > Time.GetUtcNow());

    private bool Matches(TokenInfo token) =>
        _words.Trim() is var words
        && (NameOf(token).Contains(words, StringComparison.OrdinalIgnoreCase) || token.Id.Contains(words, StringComparison.OrdinalIgnoreCase) || token.Scope.Contains(words, StringComparison.OrdinalIgnoreCase));

    private void SetRefresh(bool withRefresh) => (_withRefresh, _hours) = (withRefresh, withRefresh ? 1 : Lifetimes.Week);

    private string Curl(IssuedToken issued) => $"curl -H \"Authorization: Bearer {issued.Secret}\" {Options.PublicUrl}/rooms";

    private void OpenNew() => (_isNew, _opened) = (!_isNew, null);

    private void CloseNew() => _isNew = false;

    private void Open(TokenInfo token) => (_opened, _isNew) = (token, false);

    private async Task MintAsync()
    {
        var request = new MintToken
        {
            Scope = _draft.Text,
            Label = _label.Trim() is { Length: > 0 } label ? label : null,
            ExpiresIn = Lifetimes.Of(_hours),
            WithRefresh = _withRefresh,
        };
        if (await AskAsync("mint", (caller, cancellationToken) => Engine.Tokens.MintAsync(caller, request, cancellationToken), issued => _issued = issued))
        {
            (_isNew, _draft, _label) = (false, new ScopeDraft(), "");
            SetRefresh(withRefresh: false);
            await LoadAsync();
        }
    }

    private async Task RevokeAsync(TokenInfo token)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Tokens.RevokeAsync(caller, token.Id, cancellationToken)))
        {
            _issued = _issued?.Info.Id == token.Id ? null : _issued;
            await ReloadAsync();
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
        await ReloadAsync();
    }
}
