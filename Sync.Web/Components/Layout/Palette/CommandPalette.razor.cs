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

/// <summary>Goes to any room, panel, action, agent or help page by its name.</summary>
public sealed partial class CommandPalette : ComponentBase, IAsyncDisposable
{
    private ElementReference _dialog;
    private IJSObjectReference? _browser;
    private ClaimsPrincipal? _principal;
    private PaletteModel _model = PaletteModel.Empty;
    private IReadOnlyList<PaletteItem> _found = [];
    private string _query = "";
    private int _at;
    private bool _isOpen;

    [CascadingParameter]
    private Task<AuthenticationState> Person { get; set; } = null!; // Cascaded to every component.

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private RoomInView InView { get; set; } = null!;

    [Inject]
    private DocsLibrary Docs { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
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
            _model = PaletteModel.Of(InView.Model, parts, documents, !person.IsAnonymous);
            Show("");
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
        _isOpen = false;
        _model = PaletteModel.Empty;
    }

    private void Show(string? query)
    {
        _query = query is { Length: > 200 } ? query[..200] : query ?? "";
        _found = _model.Find(_query, Rooms(BrowserSession.Of(_principal, Engine), _query));
        _at = 0;
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
