using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>
/// What becomes of an expression under the pen: the value that a view would have, or whether the condition of an action can be read and what in it the room does not know. It is asked by a dry run of the registration when the typing has rested, with the rights of whoever writes it and no more, so it is what the
/// view would publish and not what its writer may see. One question at a time; only the newest text counts. On the page's dispatcher only.
/// </summary>
internal sealed class ExpressionPreview(TimeProvider time)
{
    /// <summary>How long the typing rests before the engine is asked.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    private int _turn;
    private bool _asking;

    /// <summary>The value as indented JSON, or null.</summary>
    public string? Value { get; private set; }

    /// <summary>The value as compact JSON, or null.</summary>
    public string? Raw { get; private set; }

    /// <summary>What the engine doubts about the expression.</summary>
    public ImmutableArray<string> Doubts { get; private set; } = [];

    /// <summary>Whether the engine has read the expression as it stands.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Why there is none, where no field says it; or null.</summary>
    public SyncError? Refusal { get; private set; }

    /// <summary>Forgets what was asked and what came.</summary>
    public void Clear()
    {
        _turn++;
        Take(raw: null, refusal: null);
    }

    /// <summary>Begins with the value that the view has.</summary>
    public void Begin(ViewModel view) => Take(view.Error is null ? view.Value : null, refusal: null);

    /// <summary>The view as it would be drawn: null while it has no value, or does not ask to be drawn.</summary>
    public ViewModel? Drawn(DefinitionDraft draft)
    {
        var render = draft.Fields.First(field => field.Name == "render").Text;
        if (Raw is null || string.IsNullOrWhiteSpace(render) || JsonLayout.Parse(render) is not { ValueKind: JsonValueKind.Object })
        {
            return null;
        }

        var id = draft.Id.Text.Trim();
        return new ViewModel(id.Length > 0 ? id : "preview", "_shared", draft.Expression?.Text, null, Raw, render, System: false, JsonLayout.Parse(Raw).Text("_error"));
    }

    /// <summary>Asks; a mistake in the expression is put beside it.</summary>
    public async Task ShowAsync(RoomViewer viewer, DefinitionDraft draft, DraftField expression, CancellationToken cancellationToken)
    {
        var turn = ++_turn;
        await Task.Delay(Rest, time, cancellationToken);

        // A question that takes long keeps the next ones waiting; whoever typed last asks when it is answered.
        if (turn != _turn || _asking)
        {
            return;
        }

        _asking = true;
        try
        {
            do
            {
                turn = _turn;
                await AskAsync(viewer, draft, expression, turn, cancellationToken);
            }
            while (turn != _turn && !cancellationToken.IsCancellationRequested);
        }
        finally
        {
            _asking = false;
        }
    }

    private async Task AskAsync(RoomViewer viewer, DefinitionDraft draft, DraftField expression, int turn, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(expression.Text))
        {
            Take(raw: null, refusal: null);
            return;
        }

        // The rest of the definition may be half written. The id counts: a view may not read itself. A condition reads parameters, which count while they can be read.
        var asked = new JsonObject { ["id"] = "preview" };
        foreach (var field in draft.Fields.Where(field => field == draft.Id || field == expression || field.Name == "scope"))
        {
            field.WriteTo(asked);
        }

        if (draft.Condition == expression && JsonPick.Object(draft["params"].Text) is { } parameters)
        {
            asked["params"] = parameters;
        }

        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(asked), Agent = viewer.ActAs, DryRun = true };
        var answer = await viewer.Engine.Actions.InvokeAsync(viewer.Caller, viewer.Room, draft.Register, request, cancellationToken);
        if (turn != _turn)
        {
            return;
        }

        if (answer.Try(out var invoked, out var error))
        {
            Take(invoked.Report.Value, refusal: null);
            (IsRead, Doubts) = (true, invoked.Report.Warnings);
        }
        else if (error.Details?["field"]?.GetValue<string>() == expression.Name)
        {
            Take(raw: null, refusal: null);
            draft.Blame(error);
        }
        else
        {
            // What is wrong with another field is said when it is checked.
            Take(raw: null, error.Details?["field"] is null ? error : null);
        }
    }

    private void Take(string? raw, SyncError? refusal) => (Raw, Value, Refusal, IsRead, Doubts) = (raw, raw is null ? null : JsonLayout.Indent(raw), refusal, false, []);
}
