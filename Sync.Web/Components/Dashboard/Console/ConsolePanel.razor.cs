using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Console;

/// <summary>
/// Evaluates an expression, and again whenever what it reads has changed, while the panel is open: at most one evaluation at a time and a few a second.
/// </summary>
public sealed partial class ConsolePanel : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _gone = new();
    private string _text = "";
    private string _names = "[]";
    private RoomPicture? _namedFrom;
    private string? _evaluated;
    private RoomPicture? _evaluatedFor;
    private Examination? _answer;
    private SyncError? _refusal;
    private DateTimeOffset _answeredAt;
    private long _seq;
    private int _turn;
    private bool _busy;

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    [CascadingParameter]
    private RoomDesk? Desk { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        NameAnew();
        if (_evaluated is not null && !_busy && IsStale)
        {
            await EvaluateAsync(_evaluated, andKeepUp: true);
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => true;

    private bool IsStale => _evaluatedFor is null || ConsoleReads.Changed(_evaluatedFor, Picture, _answer?.Reads ?? []) || (_refusal is not null && _refusal.Code == ErrorCode.CelError && _evaluatedFor.Seq != Picture.Seq);

    private static string? Detail(SyncError refusal, string name) =>
        refusal.Details is { } details && details.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // The names go to the browser only when there are others, not with each new value.
    private void NameAnew()
    {
        var from = _namedFrom;
        if (from is not null && (ReferenceEquals(from, Picture) || (from.Vocabulary == Picture.Vocabulary && from.Agents.Length == Picture.Agents.Length && from.Entries.Length == Picture.Entries.Length)))
        {
            return;
        }

        _namedFrom = Picture;
        var names = ConsoleNames.Json(Picture);
        if (names != _names)
        {
            _names = names;
            DrawNext();
        }
    }

    private Task KeyAsync(KeyboardEventArgs key) => key is { Key: "Enter", CtrlKey: true } or { Key: "Enter", MetaKey: true } ? RunAsync() : Task.CompletedTask;

    private async Task RunAsync()
    {
        var text = _text.Trim();
        if (text.Length == 0)
        {
            (_evaluated, _answer, _refusal) = (null, null, null);
            Redraw();
            return;
        }

        _evaluated = text;
        if (!_busy)
        {
            await EvaluateAsync(text, andKeepUp: true);
        }
    }

    private async Task EvaluateAsync(string expression, bool andKeepUp)
    {
        if (Seat is null)
        {
            return;
        }

        _busy = true;
        try
        {
            do
            {
                var picture = Picture;
                expression = _evaluated ?? expression;
                var outcome = await Seat.Engine.Context.ExamineAsync(Seat.Caller, Seat.Room, expression, picture.IsPast ? picture.Seq : null, _gone.Token);
                var before = _answer?.Value;
                _answer = outcome.Try(out var answer, out _refusal) ? answer : null;
                (_evaluatedFor, _seq) = (picture, picture.Seq);
                if (_answer?.Value != before)
                {
                    (_turn, _answeredAt) = (_turn + 1, Now);
                }

                Redraw();
                await Task.Delay(s_between, Time, _gone.Token);
            }
            while (andKeepUp && _evaluated is not null && (_evaluated != expression || IsStale));
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
        }
        finally
        {
            _busy = false;
        }
    }
}
