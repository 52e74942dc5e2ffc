using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Connect;

/// <summary>How far a client has come that was given a token.</summary>
public enum ArrivalStage
{
    /// <summary>Nothing has come with the token.</summary>
    Waiting,
    /// <summary>The client is there: it has asked something. Its agent has not acted.</summary>
    Connected,
    /// <summary>The agent has acted: it is in the room.</summary>
    Working,
}

/// <summary>What has come with a token since it was made. Pure.</summary>
/// <param name="Stage">How far it has come.</param>
/// <param name="Event">The agent's newest event since, or null.</param>
public sealed record Arrival(ArrivalStage Stage, EventModel? Event)
{
    public static Arrival None { get; } = new(ArrivalStage.Waiting, Event: null);

    /// <summary>How far it has come by now.</summary>
    /// <param name="model">The room.</param>
    /// <param name="agent">Whom the token acts as; null for one that only reads.</param>
    /// <param name="since">The room's newest event when the token was made: what the agent did before is not an arrival.</param>
    /// <param name="lastUsed">When the token was last used, or null.</param>
    public static Arrival Of(RoomPageModel model, string? agent, long since, DateTimeOffset? lastUsed)
    {
        // That it was put into the room is no act of its own.
        if (agent is not null && model.Activity.FirstOrDefault(e => e.Seq > since && e.Agent == agent && e is { Ok: true, Action: not null }) is { } act)
        {
            return new Arrival(ArrivalStage.Working, act);
        }

        return lastUsed is null ? None : new Arrival(ArrivalStage.Connected, Event: null);
    }
}
