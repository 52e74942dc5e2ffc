using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Pausing an agent and having it go on, removing it; what it holds is its leases' tools'. What the engine decides, it decides when it is asked; here stands whom it is offered.</summary>
public sealed partial class AgentTools
{
    private static readonly DialogOptions s_options = new() { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true, CloseButton = false };

    private Asking? _asking;
    private string? _reason;
    private SyncError? _refusal;

    private enum Asking
    {
        Pause,
        Remove,
    }

    /// <summary>The agent.</summary>
    [Parameter, EditorRequired]
    public required AgentModel Agent { get; set; }

    /// <summary>Its pause, or null.</summary>
    [Parameter, EditorRequired]
    public PauseModel? Pause { get; set; }

    /// <summary>The keys of the leases that it holds.</summary>
    [Parameter, EditorRequired]
    public ImmutableArray<string> Holds { get; set; } = [];

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private ISnackbar Notes { get; set; } = null!; // Set by the framework before anything runs.

    private bool CanManage => Viewer is not null && RoomViewer.CanManage(Model);

    private bool IsOwn => CanAct && Agent.Id == Model.Self;

    private bool MayRemove => CanManage || IsOwn;

    private void Open(Asking asking) => (_asking, _refusal, _reason) = (asking, null, null);

    private void Close() => (_asking, _refusal) = (null, null);

    private void Shown(bool isShown)
    {
        if (!isShown)
        {
            Close();
        }
    }

    private Task PauseAsync() => DoneAsync(
        "_pause",
        JsonSerializer.SerializeToElement(string.IsNullOrWhiteSpace(_reason) ? new Dictionary<string, string> { ["what"] = $"agent:{Agent.Id}" } : new() { ["what"] = $"agent:{Agent.Id}", ["reason"] = _reason.Trim() }),
        $"{Agent.Id} is paused.",
        ResumeAsync);

    private Task ResumeAsync() => DoneAsync("_resume", JsonSerializer.SerializeToElement(new { what = $"agent:{Agent.Id}" }), $"{Agent.Id} goes on.", undo: null);

    private Task RemoveAsync() => AskAsync(async () =>
    {
        _refusal = (await Viewer!.Engine.Agents.RemoveAsync(Viewer.Caller, Viewer.Room, Agent.Id, free: false, Gone)).Error; // Only offered where somebody sits.
        if (_refusal is null)
        {
            Close();
            Notes.Add($"{Agent.Id} is removed.", Severity.Success);
            Navigation?.OpenAgent(null);
        }
    });

    private Task DoneAsync(string action, JsonElement parameters, string note, Func<Task>? undo) => AskAsync(async () =>
    {
        var request = new InvokeRequest { Params = parameters };
        _refusal = (await Viewer!.Engine.Actions.InvokeAsync(Viewer.Caller, Viewer.Room, action, request, Gone)).Error; // As above.
        if (_refusal is not null)
        {
            return;
        }

        Close();
        Notes.Add(note, Severity.Success, options =>
        {
            if (undo is not null)
            {
                options.Action = "Undo";
                options.OnClick = _ => InvokeAsync(undo);
            }
        });
    });
}
