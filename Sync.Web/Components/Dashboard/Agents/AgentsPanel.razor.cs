using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Who is in the room, what they do, what they wait for; who may ends one here.</summary>
public sealed partial class AgentsPanel : IDisposable
{
    private const int Page = 100;

    private readonly CancellationTokenSource _gone = new();
    private SyncError? _refusal;
    private int _max = Page;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Agents == now.Agents && drawn.Self == now.Self;

    private void More()
    {
        _max += Page;
        Redraw();
    }

    private static string Initial(AgentModel agent) => agent.Name.Length == 0 ? "?" : char.ToUpperInvariant(agent.Name[0]).ToString();

    // What the engine decides, it decides when it is asked; here stands whom it is offered.
    private bool MayRemove(AgentModel agent) => Viewer is not null && (RoomViewer.CanManage(Model) || (RoomViewer.CanAct(Model) && agent.Id == Model.Self));

    private async Task RemoveAsync(string agent)
    {
        try
        {
            // Only offered where somebody sits.
            _refusal = (await Viewer!.Engine.Agents.RemoveAsync(Viewer.Caller, Viewer.Room, agent, free: false, _gone.Token)).Error;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed; the agent may be gone all the same.
        }

        if (!_gone.IsCancellationRequested)
        {
            Redraw();
        }
    }
}
