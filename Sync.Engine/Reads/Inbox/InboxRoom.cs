namespace Sync.Engine.Reads.Inbox;

/// <summary>What a person has not read in one of their rooms.</summary>
/// <param name="Room">The room's id.</param>
/// <param name="Name">The room's name, or null.</param>
/// <param name="Unread">Messages of others that their agent there has not read.</param>
/// <param name="DirectedUnread">Those of them that are directed to it.</param>
/// <param name="Waiting">Items that wait for their word.</param>
public sealed record InboxRoom(string Room, string? Name, long Unread, long DirectedUnread, int Waiting);
