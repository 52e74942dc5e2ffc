namespace Sync.Engine.Model.Messages;

/// <summary>An agent's read position, with the counts of its own and of directed messages up to there, so that unread counts need no scan.</summary>
/// <param name="Seq">Number of the newest message read.</param>
/// <param name="Own">How many of the messages up to <paramref name="Seq"/> the agent sent itself.</param>
/// <param name="Directed">How many up to there were directed to it by others.</param>
internal sealed record MessageCursor(long Seq, long Own, long Directed)
{
    public static MessageCursor Start { get; } = new(0, 0, 0);
}
