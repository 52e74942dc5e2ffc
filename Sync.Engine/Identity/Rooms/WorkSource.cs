using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity.Rooms;

/// <summary>
/// Whose work something is. Turns are taken between payers first and between the agents of one payer then, so that neither many commands nor many agents get
/// anybody more than a share.
/// </summary>
/// <param name="Payer">A user, the server's own part, or all who have no user together.</param>
/// <param name="Agent">The agent it acts as, or what stands for it.</param>
internal readonly record struct WorkSource(string Payer, string Agent)
{
    private const string Guests = "guests";

    /// <summary>The engine itself: timers, and what one room causes in another.</summary>
    public static WorkSource Engine { get; } = new("", "");

    /// <summary>Whoever joins without a token.</summary>
    public static WorkSource Anonymous { get; } = new(Guests, "");

    /// <summary>Who pays for the time that work takes outside of any room's turn: guests each for themselves, and under no name that a user or a token could have.</summary>
    public string Account => Payer == Guests ? $"{Guests}:{Agent}" : Payer;

    /// <summary>Whose work a caller's is in a room.</summary>
    public static WorkSource Of(Caller caller, RoomRecord room, RoomAccess access)
    {
        var token = caller.Token;
        var agent = access.BoundAgent ?? caller.Session?.SessionIn(room.Id).Agent ?? token?.User?.Name ?? token?.Id ?? caller.SystemName ?? "";

        // The room's own full-access token is as good as an owner; other tokens without a user are in the room because it is open.
        var payer = token?.User?.Id ?? token?.OnBehalfOf ?? caller.SystemName ?? (access.Level == AccessLevel.Admin && token is not null ? token.Id : Guests);
        return new WorkSource(payer, agent);
    }
}
