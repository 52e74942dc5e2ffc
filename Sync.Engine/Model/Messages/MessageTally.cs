namespace Sync.Engine.Model.Messages;

/// <summary>The numbers of messages that an agent has sent and received, over the whole life of the room.</summary>
internal readonly record struct MessageTally(long Sent, long Directed);
