using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>An action's form: its parameters, a preview by dry run, the invocation, and what came of it. What was typed stays when the definition changes.</summary>
public sealed partial class ActionForm
{
    private const int MaxFields = 60;

    private static int s_forms;

    private readonly string _formId = $"form-{Interlocked.Increment(ref s_forms)}";
    private ParamForm _form = ParamForm.Of("{}");
    private string? _definition;
    private SyncError? _refusal;
    private RunReport? _report;
    private ConsentRequested? _asked;

    /// <summary>The action.</summary>
    [Parameter, EditorRequired]
    public required ActionModel Action { get; set; }

    /// <summary>Values to begin with, as a field's text.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string>? Given { get; set; }

    /// <summary>In a surface: no words that the card says already.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>What the button says.</summary>
    [Parameter]
    public string? SubmitText { get; set; }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_definition == Action.Definition)
        {
            return;
        }

        var form = ParamForm.Of(Action.Definition, _definition is null ? Given : null);
        if (_definition is not null)
        {
            form.Take(_form);
        }

        _form = form;
        _definition = Action.Definition;
    }

    private Task InvokeAsync() => RunAsync(preview: false, agreed: null);

    private Task PreviewAsync() => RunAsync(preview: true, agreed: null);

    private Task AgreeAsync() => RunAsync(preview: false, _asked);

    private void Decline()
    {
        _asked = null;
        _refusal = null;
    }

    private Task RunAsync(bool preview, ConsentRequested? agreed) => AskAsync(async () =>
    {
        _refusal = null;
        _report = null;
        _asked = null;
        if (Viewer is null || !CanAct || _form.Read() is not { } parameters)
        {
            return;
        }

        if ((await Viewer.InvokeAsync(Action.Id, parameters, preview, agreed, Model, Gone)).Try(out _report, out var error))
        {
            if (!preview)
            {
                foreach (var secret in _form.Fields.Where(field => field.Secret))
                {
                    secret.Text = "";
                }
            }

            return;
        }

        _form.Blame(error);
        _refusal = error;
        _asked = ConsentRequested.Of(error, Model);
    });
}
