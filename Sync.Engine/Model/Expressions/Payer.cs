using Sync.Engine.Model.State;

namespace Sync.Engine.Model.Expressions;

/// <summary>Who pays for what is worked out of a definition or an entry's condition: whoever it comes from.</summary>
/// <param name="User">The user behind it, where one is known.</param>
/// <param name="Agent">The agent; null for none.</param>
internal readonly record struct Payer(string? User, string? Agent)
{
    /// <summary>One who registered a definition.</summary>
    public static Payer Of(Authority.Registrant registrant) => new(registrant.User, registrant.Agent);

    /// <summary>Its name in a room: all agents of a user are one.</summary>
    public string In(RoomState state) => User ?? (Agent is null ? "" : state.Agents.GetValueOrDefault(Agent)?.User ?? Agent);
}
