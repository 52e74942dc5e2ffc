using MudBlazor;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Admin;

/// <summary>The rooms of the server.</summary>
public sealed partial class AdminRooms
{
    private static readonly Dictionary<string, RoomSort> s_sorts = new(StringComparer.Ordinal)
    {
        [nameof(AdministeredRoom.Id)] = RoomSort.Id,
        [nameof(AdministeredRoom.Members)] = RoomSort.Members,
        [nameof(AdministeredRoom.Events)] = RoomSort.Events,
        [nameof(AdministeredRoom.LastEventAt)] = RoomSort.LastEvent,
        [nameof(AdministeredRoom.CreatedAt)] = RoomSort.Created,
    };

    private MudDataGrid<AdministeredRoom>? _grid;
    private string _search = "";
    private SyncError? _refusal;

    private async Task<GridData<AdministeredRoom>> ReadAsync(GridState<AdministeredRoom> state, CancellationToken cancellationToken)
    {
        var read = await Engine.Administration.RoomsAsync(Caller, GridRequest.Of(state, _search, s_sorts, (RoomSort.LastEvent, Descending: true)), cancellationToken);
        return read.Try(out var part, out _refusal) ? new GridData<AdministeredRoom> { Items = part.Rows, TotalItems = part.Total } : new GridData<AdministeredRoom> { Items = [] };
    }

    private Task ReloadAsync() => _grid?.ReloadServerData() ?? Task.CompletedTask;
}
