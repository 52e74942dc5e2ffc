using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>
/// Writes or changes an action or a view. The engine checks: "Check" is a dry run of the registration, and what it refuses stands beside the field it is about, with the place in the expression.
/// </summary>
public sealed partial class DefinitionEditor
{
    private static int s_forms;

    private readonly string _formId = $"definition-{Interlocked.Increment(ref s_forms)}";
    private DefinitionDraft _draft = DefinitionDraft.Action();
    private ExpressionPreview _preview = null!; // Made before the first render.
    private IReadOnlyList<ViewSource> _sources = [];
    private SyncError? _refusal;
    private string? _value;
    private ImmutableArray<string> _warnings = [];
    private bool _checked;
    private bool _saved;

    /// <summary>The action to change; null with no <see cref="View"/> writes a new action.</summary>
    [Parameter]
    public ActionModel? Action { get; set; }

    /// <summary>The view to change.</summary>
    [Parameter]
    public ViewModel? View { get; set; }

    /// <summary>Whether a new one is a view.</summary>
    [Parameter]
    public bool NewView { get; set; }

    /// <summary>Closes the editor.</summary>
    [Parameter, EditorRequired]
    public EventCallback Closed { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private bool Existing => Action is not null || View is not null;

    private string Title => Action is { } action ? $"Edit the action {action.Id}" : View is { } view ? $"Edit the view {view.Id}" : NewView ? "New view" : "New action";

    private string? Registrant => Action?.Registrant ?? View?.Registrant;

    private List<string> Parameters => [.. (JsonPick.Object(_draft["params"].Text) ?? []).Select(parameter => parameter.Key)];

    private string? Acting => Viewer?.ActAs ?? Model.Self;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _preview = new ExpressionPreview(Time);
        _draft =
            Action is { } action ? DefinitionDraft.Of(action)
            : View is { } view ? DefinitionDraft.Of(view)
            : NewView ? DefinitionDraft.View()
            : DefinitionDraft.Action();
        _sources = NewView ? ViewSources.Of(Model) : [];
        if (View is not null)
        {
            _preview.Begin(View);
        }
    }

    private static string Described(string id, DraftField field) => field.Error is null ? $"{id}-about" : $"{id}-error {id}-about";

    private static int Rows(DraftField field) => Math.Clamp(field.Text.Count(c => c == '\n') + 1, field.Kind == DraftKind.Json ? 2 : 1, 14);

    private static void Pick(DraftField field, string text)
    {
        field.Text = text;
        field.Clear();
    }

    private async Task BeginAsync(string? index)
    {
        if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var chosen) || chosen >= _sources.Count || _draft.Expression is not { } expression)
        {
            return;
        }

        var source = _sources[chosen];
        _draft.Id.Text = source.Id;
        _draft["render"].Text = source.Hint;
        await TypeAsync(expression, source.Expression);
    }

    private async Task TypeAsync(DraftField expression, string? text)
    {
        expression.Text = text ?? "";
        expression.Clear();
        if (Viewer is null || !CanAct)
        {
            return;
        }

        try
        {
            await _preview.ShowAsync(Viewer, _draft, expression, Gone);
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // Closed while the typing rested.
        }
    }

    private Task CheckAsync() => RegisterAsync(preview: true);

    private Task SaveAsync() => RegisterAsync(preview: false);

    private Task RegisterAsync(bool preview) => AskAsync(async () =>
    {
        (_refusal, _value, _warnings, _checked, _saved) = (null, null, [], false, false);
        _preview.Clear();
        if (Viewer is null || !CanAct || _draft.Read() is not { } definition)
        {
            return;
        }

        var request = new InvokeRequest { Params = definition, Agent = Viewer.ActAs, DryRun = preview };
        if (!(await Viewer.Engine.Actions.InvokeAsync(Viewer.Caller, Viewer.Room, _draft.Register, request, Gone)).Try(out var answer, out var error))
        {
            _refusal = _draft.Blame(error) ? null : error;
            return;
        }

        (_checked, _saved) = (preview, !preview);
        var report = answer.Report;
        _value = report.Value is { } value ? JsonLayout.Indent(value) : null;
        _warnings = report.Warnings;
    });
}
