using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Connect;

/// <summary>Whether a room has only just begun: nothing in it says what it is for. Pure.</summary>
internal static class RoomStart
{
    public static bool IsEmpty(RoomPageModel model) =>
        !model.IsPast && model.Shows is null && model.Actions.IsEmpty && model.Packs.IsEmpty && model.Views.All(static view => view.System) && model.Entries.All(static entry => !entry.Scope.StartsWith('_'));
}
