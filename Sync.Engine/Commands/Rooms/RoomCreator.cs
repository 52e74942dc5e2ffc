namespace Sync.Engine.Commands.Rooms;

/// <summary>Whose room a new one is, where a user makes it.</summary>
/// <param name="User">The user.</param>
/// <param name="Agent">The id of the agent that the user is there.</param>
/// <param name="Name">The name of both.</param>
internal sealed record RoomCreator(string User, string Agent, string Name);
