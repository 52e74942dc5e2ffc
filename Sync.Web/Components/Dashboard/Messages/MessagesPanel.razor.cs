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
    private bool _reading;
    private SyncError? _refusal;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    private List<string> Kinds => [.. Model.Messages.Select(message => message.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(50)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _history.Show(Model);

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Messages == now.Messages && drawn.MessageCount == now.MessageCount && drawn.Agents == now.Agents && drawn.Info.Access == now.Info.Access && drawn.Self == now.Self;

    private void ChooseKind(ChangeEventArgs args)
    {
        _history.Filter(args.Value as string is { Length: > 0 } kind ? kind : null, _history.Direct);
        DrawNext();
    }

    private void ToggleDirect()
    {
        _history.Filter(_history.Kind, !_history.Direct);
        DrawNext();
    }

    private void ToNewest()
    {
        _history.ToNewest();
        Redraw();
    }

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
