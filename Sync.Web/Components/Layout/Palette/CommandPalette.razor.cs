using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;
using Sync.Web.Accounts;
using Sync.Web.Docs;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>
/// Goes to any room, panel, action, agent or help page by its name, does what the page offers, and finds what the room and the documentation say: names at once, texts when typing has rested.
/// </summary>
public sealed partial class CommandPalette : ComponentBase, IAsyncDisposable
{
    private const int MinSearched = 2;
    private const int MaxDocs = 6;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(180);

    private ElementReference _dialog;
    private IJSObjectReference? _browser;
    private ClaimsPrincipal? _principal;
    private PaletteModel _model = PaletteModel.Empty;
    private IReadOnlyList<PaletteItem> _found = [];
    private string _query = "";
    private int _at;
    private bool _isOpen;
    private bool _searching;
    private CancellationTokenSource? _search;

    [CascadingParameter]
    private Task<AuthenticationState> Person { get; set; } = null!; // Cascaded to every component.

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private RoomInView InView { get; set; } = null!;

    [Inject]
    private DocsLibrary Docs { get; set; } = null!;

    [Inject]
    private DocsSearch DocsSearch { get; set; } = null!;

    [Inject]
    private PageCommands Commands { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        StopSearching();
        if (_browser is not null)
        {
            try
            {
                await _browser.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The browser has gone, and the module with it.
            }
        }
    }

    private async Task OpenAsync()
    {
        try
        {
            _browser ??= await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/palette.js"]}");
            var parts = await _browser.InvokeAsync<PagePart[]>("parts");
            _principal = (await Person).User;
            var person = BrowserSession.Of(_principal, Engine);
            var documents = Docs.All.Where(file => !file.Slug.StartsWith("decisions/", StringComparison.Ordinal)).ToList();
            _model = PaletteModel.Of(InView.Model, parts, documents, !person.IsAnonymous, Commands.All);
            await ShowAsync("");
            _isOpen = true;
            await _browser.InvokeVoidAsync("open", _dialog);
        }
        catch (JSDisconnectedException)
        {
            // The browser left while it opened.
        }
    }

    private void Close()
    {
        StopSearching();
        _isOpen = false;
        _model = PaletteModel.Empty;
    }

    private async Task ShowAsync(string? query)
    {
        StopSearching();
        _query = query is { Length: > 200 } ? query[..200] : query ?? "";
        _found = _model.Find(_query, Rooms(BrowserSession.Of(_principal, Engine), _query));
        _at = 0;
        if (_query.Trim().Length < MinSearched)
        {
            return;
        }

        using var search = new CancellationTokenSource();
        (_search, _searching) = (search, true);
        try
        {
            await Task.Delay(s_rest, Time, search.Token);
            var named = _found;
            var texts = new List<PaletteItem>();
            if (InView is { Viewer: { } viewer, Model: { Shows: null } room })
            {
                texts.AddRange(await RoomHits.FindAsync(viewer, _query, search.Token));
                texts.Add(RoomHits.InLog(room, _query.Trim()));
            }

            texts.AddRange(DocsSearch.Find(_query, MaxDocs).Hits.Select(static hit => new PaletteItem(
                "Docs", hit.Heading is null || hit.Heading == hit.Title ? hit.Title : $"{hit.Title}: {hit.Heading}", hit.Snippet, PaletteDeed.Load, hit.Path)));
            if (!search.IsCancellationRequested)
            {
                // Behind what was found by name, so that nothing moves away under the one who is about to press Enter.
                _found = [.. named, .. texts];
            }
        }
        catch (OperationCanceledException) when (search.IsCancellationRequested)
        {
            // Another letter was typed, or the palette closed.
        }
        finally
        {
            if (_search == search)
            {
                (_search, _searching) = (null, false);
            }
        }
    }

    private void StopSearching()
    {
        _search?.Cancel();
        (_search, _searching) = (null, false);
    }

    // Those that begin so first: among many that only contain a word, the one that is meant must not be behind the end.
    private IEnumerable<RoomInfo> Rooms(Caller person, string query) =>
        PaletteModel.RoomQueries(query)
            .SelectMany(part => (Outcome<RoomMatches>[])[Engine.Rooms.BeginningWith(person, part.Trim(), PaletteModel.Max), Engine.Rooms.Search(person, part, PaletteModel.Max)])
            .SelectMany(static found => found.Try(out var matches, out _) ? matches.Rooms : [])
            .DistinctBy(static room => room.Id);

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        switch (key.Key)
        {
            case "ArrowDown" when _found.Count > 0:
                await PointAsync((_at + 1) % _found.Count);
                break;
            case "ArrowUp" when _found.Count > 0:
                await PointAsync((_at - 1 + _found.Count) % _found.Count);
                break;
            case "Enter" when _at < _found.Count:
                await ChooseAsync(_found[_at]);
                break;
        }
    }

    private async Task PointAsync(int at)
    {
        _at = at;
        await (_browser?.InvokeVoidAsync("reveal", $"palette-{at}") ?? ValueTask.CompletedTask);
    }

    private async Task ChooseAsync(PaletteItem item)
    {
        if (_browser is null)
        {
            return;
        }

        await _browser.InvokeVoidAsync("close", _dialog);
        Close();
        switch (item.Deed)
        {
            case PaletteDeed.Part:
                await _browser.InvokeVoidAsync("goToPart", item.Target);
                break;
            case PaletteDeed.Command when item.Run is { } run:
                await run();
                break;
            case PaletteDeed.Browser:
                await _browser.InvokeVoidAsync("act", item.Target);
                break;
            case PaletteDeed.Agent:
                InView.Navigation?.OpenAgent(item.Target);
                break;
            case PaletteDeed.View:
                InView.Navigation?.OpenView(item.Target);
                break;
            case PaletteDeed.Event when long.TryParse(item.Target, NumberStyles.None, CultureInfo.InvariantCulture, out var seq):
                InView.Navigation?.OpenEvent(seq);
                break;
            case PaletteDeed.Action:
                InView.Navigation?.OpenAction(item.Target);
                await _browser.InvokeVoidAsync("goInto", $"action-{item.Target}");
                break;
            default:
                Navigation.NavigateTo(item.Target, forceLoad: item.Deed == PaletteDeed.Load);
                break;
        }
    }
}
