using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// The person before an open room page, as its panels act and look for them: handed down to every panel. What they may do, the engine decides at each call; here stands only what
/// a panel offers.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="caller">Who.</param>
/// <param name="room">Which room.</param>
public sealed class RoomViewer(SyncEngine engine, Caller caller, string room)
{
    /// <summary>The engine.</summary>
    public SyncEngine Engine { get; } = engine;

    /// <summary>The person who acts and reads.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The room's id.</summary>
    public string Room { get; } = room;

    /// <summary>Told when another agent is chosen: several panels show who acts.</summary>
    public event Action? ActAsChanged;

    /// <summary>The agent to act as, chosen on the page; null is the caller's own.</summary>
    public string? ActAs
    {
        get;
        set
        {
            if (field != value)
            {
                field = value;
                ActAsChanged?.Invoke();
            }
        }
    }

    /// <summary>Whether to offer acting. Nobody acts in the past.</summary>
    public static bool CanAct(RoomPageModel model) => model.Info.Access >= AccessLevel.Write && !model.IsPast;

    /// <summary>Whether to offer what only full access may.</summary>
    public static bool CanManage(RoomPageModel model) => model.Info.Access == AccessLevel.Admin && !model.IsPast;
}
