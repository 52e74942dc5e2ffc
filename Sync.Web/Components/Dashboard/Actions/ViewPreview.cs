using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>
/// The value that an expression under the pen would have as a view: asked by a dry run of the registration when the typing has rested, so it is what the view would publish and not what its
/// writer may see. Only the newest text counts. On the page's dispatcher only.
/// </summary>
internal sealed class ViewPreview(TimeProvider time)
{
    /// <summary>How long the typing rests before the engine is asked.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    private int _turn;

    /// <summary>The value as indented JSON, or null.</summary>
    public string? Value { get; private set; }

    /// <summary>Forgets what was asked and what came.</summary>
    public void Clear()
    {
        _turn++;
        Value = null;
    }

    /// <summary>Asks; a mistake in the expression is put beside it.</summary>
    public async Task ShowAsync(RoomViewer viewer, DefinitionDraft draft, DraftField expression, CancellationToken cancellationToken)
    {
        var turn = ++_turn;
        await Task.Delay(Rest, time, cancellationToken);
        if (turn != _turn)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(expression.Text))
        {
            Value = null;
            return;
        }

        // The rest of the definition may be half written. The id counts: a view may not read itself.
        var asked = new JsonObject { ["id"] = "preview" };
        foreach (var field in draft.Fields.Where(field => field == draft.Id || field == expression || field.Name == "scope"))
        {
            field.WriteTo(asked);
        }

        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(asked), Agent = viewer.ActAs, DryRun = true };
        var answer = await viewer.Engine.Actions.InvokeAsync(viewer.Caller, viewer.Room, draft.Register, request, cancellationToken);
        if (turn != _turn)
        {
            return;
        }

        Value = null;
        if (answer.Try(out var invoked, out var error))
        {
            Value = invoked.Report.Value is { } value ? JsonLayout.Indent(value) : null;
        }
        else if (error.Details?["field"]?.GetValue<string>() == expression.Name)
        {
            draft.Blame(error);
        }
    }
}
