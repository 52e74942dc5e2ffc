using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Console;

/// <summary>
/// Evaluates an expression, and again whenever what it reads has changed, while the panel is open: at most one evaluation at a time and a few a second.
/// </summary>
public sealed partial class ConsolePanel : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _gone = new();
    private string _text = "";
    private string? _given;
    private string? _place;
    private string _names = "[]";
    private RoomPageModel? _namedFrom;
    private string? _evaluated;
    private RoomPageModel? _evaluatedFor;
    private Examination? _answer;
    private SyncError? _refusal;
    private DateTimeOffset _answeredAt;
    private long _seq;
    private int _turn;
    private bool _busy;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

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
        if (Navigation?.Location.Filter(PageFilters.ConsoleExpression) is var asked && asked != _place)
        {
            // The address came with another expression, or with none: that one is in the field and evaluated.
            _place = asked;
            (_given, _text) = (asked ?? "", asked ?? "");
            DrawNext();
            await RunAsync();
            return;
        }

        if (_evaluated is not null && !_busy && IsStale)
        {
            await EvaluateAsync(_evaluated, andKeepUp: true);
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => true;

    private bool IsStale => _evaluatedFor is null || ConsoleReads.Changed(_evaluatedFor, Model, _answer?.Reads ?? []) || (_refusal is not null && _refusal.Code == ErrorCode.CelError && _evaluatedFor.Seq != Model.Seq);

    // What this room has something to say to.
    private IEnumerable<string> Examples =>
    [
        "messages.count",
        "state._shared",
        .. Model.Entries.Select(static entry => entry.Scope).Where(static scope => scope != "_shared" && scope.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')).Distinct().Take(1).Select(static scope => $"size(state.{scope})"),
        .. Model.Views.Where(static view => view.Error is null && view.Id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')).Take(1).Select(static view => $"views.{view.Id}"),
    ];

    private async Task TryAsync(string example)
    {
        (_given, _text) = (example, example);
        DrawNext();
        await RunAsync();
    }

    private static string? Detail(SyncError refusal, string name) =>
        refusal.Details is { } details && details.TryGetPropertyValue(name, out var node) && node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // The names go to the browser only when there are others, not with each new value.
    private void NameAnew()
    {
        var from = _namedFrom;
        if (from is not null && (ReferenceEquals(from, Model) || (from.Vocabulary == Model.Vocabulary && from.Agents.Length == Model.Agents.Length && from.Entries.Length == Model.Entries.Length)))
        {
            return;
        }

        _namedFrom = Model;
        var names = ConsoleNames.Json(Model);
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
        if (Navigation is not null)
        {
            // One that is too long for an address is kept by the browser alone.
            Navigation.SetFilter(PageFilters.ConsoleExpression, text);
            _place = Navigation.Location.Filter(PageFilters.ConsoleExpression);
        }

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
        if (Viewer is null)
        {
            return;
        }

        _busy = true;
        try
        {
            do
            {
                var model = Model;
                expression = _evaluated ?? expression;
                var outcome = await Viewer.Engine.Context.ExamineAsync(Viewer.Caller, Viewer.Room, expression, model.IsPast ? model.Seq : null, _gone.Token);
                var before = _answer?.Value;
                _answer = outcome.Try(out var answer, out _refusal) ? answer : null;
                (_evaluatedFor, _seq) = (model, model.Seq);
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
