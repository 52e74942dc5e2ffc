using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Agents;

/// <summary>Who is in the room, what they do, what they wait for; who may ends one here.</summary>
public sealed partial class AgentsPanel : IDisposable
{
    private const int Page = 100;

    private readonly CancellationTokenSource _gone = new();
    private SyncError? _refusal;
    private int _most = Page;

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Agents == now.Agents && drawn.Self == now.Self;

    private void More()
    {
        _most += Page;
        Redraw();
    }

    private static string Initial(AgentPicture agent) => agent.Name.Length == 0 ? "?" : char.ToUpperInvariant(agent.Name[0]).ToString();

    // What the engine decides, it decides when it is asked; here stands whom it is offered.
    private bool MayRemove(AgentPicture agent) => Seat is not null && (RoomSeat.CanManage(Picture) || (RoomSeat.CanAct(Picture) && agent.Id == Picture.Self));

    private async Task RemoveAsync(string agent)
    {
        try
        {
            // Only offered where somebody sits.
            _refusal = (await Seat!.Engine.Agents.RemoveAsync(Seat.Caller, Seat.Room, agent, free: false, _gone.Token)).Error;
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
