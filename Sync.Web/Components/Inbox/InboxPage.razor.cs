using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using MudBlazor;
using Sync.Engine.Reads.Inbox;
using Sync.Web.Components.Dashboard.Approvals;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Inbox;

/// <summary>
/// What waits for a person in all their rooms, and what they do about it, without leaving the page. Where they are stands in the address; what they have opened is read, and stays in the list until they leave.
/// </summary>
public sealed partial class InboxPage
{
    private readonly CancellationTokenSource _gone = new();
    private readonly InboxList _list = new();
    private InboxLocation _location = new();
    private ImmutableArray<(string Room, string Name)> _rooms = [];
    private InboxItem? _firstAttention;
    private ApprovalItem? _approval;
    private MessageItem? _message;
    private InboxUndo? _undo;
    private DotNetObjectReference<InboxPage>? _self;
    private IJSObjectReference? _browser;
    private IJSObjectReference? _keys;
    private int _shown = InboxList.Step;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private Sync.Engine.Services.SyncEngine Engine { get; set; } = null!;

    /// <summary>A key was pressed where nothing else takes it.</summary>
    [JSInvokable]
    public async Task KeyAsync(string key)
    {
        switch (key)
        {
            case "j" or "ArrowDown":
                await MoveAsync(1);
                break;
            case "k" or "ArrowUp":
                await MoveAsync(-1);
                break;
            case "Enter" when _list.Open is { } open:
                Go(_location with { Item = open.Key });
                break;
            case "a" when _approval is not null:
                await _approval.AcceptAsync();
                break;
            case "e" when _approval is not null:
                await _approval.StartEditAsync();
                break;
            case "r" when _approval is not null:
                await _approval.StartRejectAsync();
                break;
            case "r" when _message is not null:
                await _message.FocusAsync();
                break;
            case "u":
                await UndoAsync();
                break;
        }
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _location = InboxLocation.Read(Navigation.Uri);
        Navigation.LocationChanged += Follow;
        await base.OnInitializedAsync();
        await ShowAsync();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/inbox.js"]}");
            _self = DotNetObjectReference.Create(this);
            _keys = await _browser.InvokeAsync<IJSObjectReference>("takeKeys", _self);
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // The browser left while the page opened.
        }
    }

    /// <inheritdoc/>
    protected override async Task ChangedAsync()
    {
        await ShowAsync();
        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!_gone.IsCancellationRequested)
        {
            Navigation.LocationChanged -= Follow;
            _gone.Cancel();
            _gone.Dispose();
            _ = LeaveAsync(_keys, _browser, _self);
        }
    }

    private static async Task LeaveAsync(IJSObjectReference? keys, IJSObjectReference? browser, IDisposable? self)
    {
        try
        {
            if (keys is not null)
            {
                await keys.InvokeVoidAsync("stop");
                await keys.DisposeAsync();
            }

            if (browser is not null)
            {
                await browser.DisposeAsync();
            }
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser has gone, and what it listened to with it.
        }
        finally
        {
            self?.Dispose();
        }
    }

    private async Task ShowAsync()
    {
        if (Model is not { } model)
        {
            return;
        }

        _list.Show(model, _location);
        _firstAttention = _list.Items.FirstOrDefault(static item => !item.IsCounted) is { } first && _list.Items[0] != first ? first : null;
        _rooms = [.. model.Items.GroupBy(static item => item.Room).Select(static room => (room.Key, room.First().RoomName ?? room.Key)).OrderBy(static room => room.Item2, StringComparer.OrdinalIgnoreCase)];
        if (_list is { IsChosen: true, Open: { } open })
        {
            await NoteReadAsync(open);
        }
    }

    // What was opened was read: the cursor of the person's own agent follows.
    private async Task NoteReadAsync(InboxItem item)
    {
        _list.NoteOpened(item);
        if (_list.ReadUpTo(item) is not { } upTo || _list.IsDone(item))
        {
            return;
        }

        try
        {
            if (item.Kind == InboxKind.Message && (await Engine.Inbox.MarkReadAsync(await State.CallerAsync(), item.Room, upTo, _gone.Token)).Error is null)
            {
                await State.RefreshAsync(_gone.Token);
            }
            else if (item.Kind == InboxKind.Question)
            {
                await Engine.Inbox.MarkReadAsync(await State.CallerAsync(), item.Room, upTo, _gone.Token);
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private void Go(InboxLocation location) => Navigation.NavigateTo(location.Href());

    private void Follow(object? sender, LocationChangedEventArgs changed)
    {
        if (!new Uri(changed.Location).AbsolutePath.EndsWith("/inbox", StringComparison.Ordinal))
        {
            return;
        }

        _location = InboxLocation.Read(changed.Location);
        _ = InvokeAsync(ChangedAsync);
    }

    private async Task MoveAsync(int steps)
    {
        if (_list.Beside(_list.IsChosen ? steps : 0) is not { } item)
        {
            return;
        }

        _shown = Math.Max(_shown, _list.Items.IndexOf(item) + 1);
        Go(_location with { Item = item.Key });
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("show", item.Key);
        }
    }

    private async Task DecidedAsync((InboxItem Item, string Said, long Seq) decided)
    {
        _undo = decided.Seq > 0 ? new InboxUndo(decided.Item.Room, decided.Seq, decided.Item.Action ?? "it") : null;
        var undo = _undo;
        Snackbar.Add(decided.Said, Severity.Normal, options =>
        {
            if (undo is not null)
            {
                options.Action = "Undo";
                options.OnClick = _ => InvokeAsync(() => UndoAsync(undo));
            }
        });
        await NextAsync();
    }

    private Task UndoAsync() => _undo is { } undo ? UndoAsync(undo) : Task.CompletedTask;

    private async Task UndoAsync(InboxUndo undo)
    {
        if (_undo != undo)
        {
            return;
        }

        _undo = null;
        try
        {
            var caller = await State.CallerAsync();
            var undone = await new ApprovalDeciding(Engine, caller, undo.Room, static () => Task.FromResult((false, (string?)null))).UndoAsync(undo.Seq, _gone.Token);
            Snackbar.Add(
                undone.Try(out var writes, out var error) ? (writes == 1 ? $"Undone: one entry that {undo.Action} wrote is as it was." : $"Undone: {writes} entries that {undo.Action} wrote are as they were.") : Clip.Text(error.Message, Clip.Block),
                error is null ? Severity.Normal : Severity.Error);
            await State.RefreshAsync(_gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private async Task RepliedAsync(InboxItem item)
    {
        Snackbar.Add($"Replied to {item.From}.");
        await NextAsync();
    }

    private async Task AnsweredAsync(string said)
    {
        Snackbar.Add(said);
        await NextAsync();
    }

    // What was done leaves the list, and what stands in its place is open next.
    private async Task NextAsync()
    {
        try
        {
            await State.RefreshAsync(_gone.Token);
            await ShowAsync();
            if (_location.Item is not null)
            {
                var next = _browser is not null && await _browser.InvokeAsync<bool>("isWide") ? _list.Open?.Key : null;
                Go(_location with { Item = next });
            }

            StateHasChanged();
        }
        catch (Exception gone) when (gone is OperationCanceledException or JSDisconnectedException)
        {
            // The page has gone.
        }
    }

    private sealed record InboxUndo(string Room, long Seq, string Action);
}
