using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>
/// What was said, newest last, and where to write. Rows have different heights, and a virtualised list of those jumps under the reader: the list is kept short by pages instead, which the reader
/// asks for.
/// </summary>
public sealed partial class MessagesPanel : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly MessageHistory _history = new();

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    private List<string> Kinds => [.. Picture.Messages.Select(message => message.Kind).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(50)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        drawn.Messages == now.Messages && drawn.MessageCount == now.MessageCount && drawn.Agents == now.Agents && drawn.Info.Access == now.Info.Access && drawn.Self == now.Self;

    private void ChooseKind(ChangeEventArgs args)
    {
        _history.Kind = args.Value as string is { Length: > 0 } kind ? kind : null;
        DrawNext();
    }

    private void ToggleDirect()
    {
        _history.Direct = !_history.Direct;
        DrawNext();
    }

    private async Task ShowMoreAsync()
    {
        DrawNext();
        try
        {
            await _history.ShowMoreAsync(Seat, Picture, _gone.Token);
            DrawNext();
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
    }
}
