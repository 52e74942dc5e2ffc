using System.Globalization;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Connect;

/// <summary>What a page's reader may hand to a client, as the engine says: nobody is offered what it would refuse.</summary>
/// <param name="MayAct">Whether a token that acts as an agent.</param>
/// <param name="Refusal">Why nothing at all, or null.</param>
internal sealed record ConnectOffer(bool MayAct, SyncError? Refusal)
{
    private const int MaxNumber = 20;

    public static async Task<ConnectOffer> OfAsync(RoomViewer viewer, CancellationToken cancellationToken)
    {
        // Who may act as nobody in particular may act as any agent of theirs. The least is asked for afterwards.
        var refusal = await RefusalAsync(viewer, AccessLevel.Write, cancellationToken);
        return refusal is null
            ? new ConnectOffer(MayAct: true, Refusal: null)
            : new ConnectOffer(MayAct: false, await RefusalAsync(viewer, AccessLevel.Read, cancellationToken) is null ? null : refusal);
    }

    private static Task<SyncError?> RefusalAsync(RoomViewer viewer, AccessLevel level, CancellationToken cancellationToken) =>
        viewer.Engine.Tokens.MintRefusalAsync(viewer.Caller, new MintToken { Scope = Scope.TextOf(viewer.Room, level, agent: null) }, cancellationToken);

    /// <summary>A name that a new agent can have: the wanted one, or that with a number.</summary>
    public static async Task<string> NameAsync(RoomViewer viewer, string wanted, RoomPageModel model, CancellationToken cancellationToken)
    {
        for (var number = 1; number <= MaxNumber; number++)
        {
            var name = number == 1 ? wanted : string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}");
            if (model.Agents.All(agent => agent.Id != name) && await viewer.Engine.Agents.IdRefusalAsync(viewer.Caller, viewer.Room, name, cancellationToken) is null)
            {
                return name;
            }
        }

        return "";
    }
}
