using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>
/// What was said, newest last, and where to write. Rows have different heights, and a virtualised list of those jumps under the reader: the list is a window of a bounded number of lines instead,
/// which the reader moves page by page.
/// </summary>
public sealed partial class MessagesPanel : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly MessageHistory _history = new();
    private EventCallback<MessageModel> _reply;
    private MessageComposer? _composer;
    private (string? Kind, string? Direct, string? Text) _place;
    private long? _pointed;
    private long? _readUpTo;
    private bool _reading;
    private SyncError? _refusal;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    // What is chosen is offered, also where nobody has used it lately.
    private List<string> Kinds =>
        [.. Model.Messages.Select(message => message.Kind).Concat(_history.Kind is { } chosen ? [chosen] : []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(50)];

    private bool MayWrite => Viewer is { Caller.IsSystem: false } && RoomViewer.CanAct(Model);

    // Where the reader's agent had read to when they came: it stays there while they read on, and what they write themselves is nothing new.
    private long? FirstUnread => _readUpTo is { } read && !Model.IsPast ? _history.Lines.FirstOrDefault(message => message.Seq > read && message.From != Model.Self)?.Seq : null;

    // Who sees all of the newest has read them; who has filtered or gone back has not.
    private long? ReadUpTo => !Model.IsPast && _history is { Newer: 0, Kind: null, Direct: false } && Model.Messages is [.., var newest] ? newest.Seq : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _reply = EventCallback.Factory.Create<MessageModel>(this, ReplyAsync);
        _readUpTo = Model.Self is not null && Model.ReadUpTo < Model.MessageCount ? Model.ReadUpTo : null;
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _history.Show(Model);
        if (Navigation is null)
        {
            return;
        }

        if (PlaceOf(Navigation.Location) is var asked && asked != _place)
        {
            _place = asked;
            _history.Filter(asked.Kind, asked.Direct is not null, asked.Text ?? "");
            DrawNext();
        }

        if (Navigation.Location.Message != _pointed)
        {
            _pointed = Navigation.Location.Message;
            DrawNext();
            if (_pointed is { } message)
            {
                await ReadAsync((viewer, cancellationToken) => _history.GoToAsync(viewer, message, cancellationToken));
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Messages == now.Messages && drawn.MessageCount == now.MessageCount && drawn.Agents == now.Agents && drawn.Info.Access == now.Info.Access && drawn.Self == now.Self;

    private static (string? Kind, string? Direct, string? Text) PlaceOf(PageLocation location) =>
        (location.Filter(PageFilters.MessagesKind), location.Filter(PageFilters.MessagesDirect), location.Filter(PageFilters.MessagesText));

    private void ChooseKind(ChangeEventArgs args) => Choose(args.Value as string is { Length: > 0 } kind ? kind : null, _history.Direct, _history.Text);

    private void Choose(string? kind, bool direct, string text)
    {
        _history.Filter(kind, direct, text);
        if (Navigation is not null)
        {
            Navigation.Go(
                Navigation.Location.WithFilter(PageFilters.MessagesKind, kind).WithFilter(PageFilters.MessagesDirect, direct ? "yes" : null).WithFilter(PageFilters.MessagesText, text) with { Message = null },
                isStep: false);
            _place = PlaceOf(Navigation.Location);
        }

        _pointed = null;
        Redraw();
    }

    private void ToNewest()
    {
        _history.ToNewest();
        if (_pointed is not null)
        {
            _pointed = null;
            Navigation?.Go(Navigation.Location with { Message = null }, isStep: false);
        }

        Redraw();
    }

    private void OnSent()
    {
        // Whoever answers has read.
        _readUpTo = null;
        ToNewest();
    }

    private Task ReplyAsync(MessageModel message) => _composer?.AnswerAsync(message) ?? Task.CompletedTask;

    private void PointAt(long message) => Navigation?.OpenMessage(message);

    private Task EarlierAsync() => ReadAsync(_history.EarlierAsync);

    private Task LaterAsync() => ReadAsync(_history.LaterAsync);

    private async Task ReadAsync(Func<RoomViewer, CancellationToken, Task<SyncError?>> read)
    {
        if (Viewer is null || _reading)
        {
            return;
        }

        _reading = true;
        DrawNext();
        try
        {
            _refusal = await read(Viewer, _gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _reading = false;
            DrawNext();
        }
    }
}
