using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>Which messages a context has that is bounded: what does not fit is counted as cut.</summary>
internal static class FittingMessages
{
    // However small the budget, the newest message to the reader that it has not read is there, unless it has more bytes; the least budget that is named has room for so many of such messages.
    private const int NeededMessages = 4 * 1024;

    /// <summary>About how long a message is.</summary>
    public static long LengthOf(Message message) => message.Entry.Value.Length + MessageJson.AddedBytes;

    /// <summary>The newest, or paged forward the oldest; at least one, or a reader would never get past it.</summary>
    public static ContextSource Within(ContextSource source, long bytes)
    {
        var isForward = source.IsForward;
        var all = source.Messages;
        var fits = 0;
        for (long sum = 0; fits < all.Count; fits++)
        {
            sum += LengthOf(all[isForward ? fits : all.Count - 1 - fits]);
            if (sum > bytes && (fits > 0 || !(isForward || source.Shape.Single == ContextSection.Messages)))
            {
                break;
            }
        }

        if (fits == all.Count)
        {
            return source;
        }

        var messages = isForward ? all.Take(fits).ToList() : all.Skip(all.Count - fits).ToList();
        return source with
        {
            Messages = messages,
            MessagesCut = isForward ? source.CountAfter(messages[^1].Seq) : source.MessagesCut + all.Count - fits,
            MessagesRead = isForward ? messages[^1].Seq : source.MessagesRead,
        };
    }

    /// <summary>Within a budget: those directed to the reader that it has not read come first, then the newest, all in their order.</summary>
    /// <param name="source">What there is.</param>
    /// <param name="share">What messages may have.</param>
    /// <param name="half">What those to the reader may have, where that is more.</param>
    /// <param name="hasAllDirected">Whether all to the reader that are needed count, and not the first alone.</param>
    public static ContextSource WithinBudget(ContextSource source, long share, long half, bool hasAllDirected)
    {
        bool IsDirected(Message message) => message.IsUnreadBy(source.Self, source.Cursor) && message.To.Contains(source.Self!); // Unread by nobody where there is no reader.
        var kept = new HashSet<long>();
        long sum = 0;
        foreach (var message in source.Messages.Reverse().OrderByDescending(IsDirected))
        {
            var most = !IsDirected(message) ? share
                : kept.Count == 0 || hasAllDirected ? Math.Max(NeededMessages, half)
                : Math.Max(share, half);
            if (sum + LengthOf(message) <= most || (kept.Count == 0 && source.Shape.Single == ContextSection.Messages))
            {
                sum += LengthOf(message);
                kept.Add(message.Seq);
            }
            else if (!IsDirected(message))
            {
                break;
            }
        }

        return kept.Count == source.Messages.Count ? source : source with
        {
            Messages = [.. source.Messages.Where(message => kept.Contains(message.Seq))],
            MessagesCut = source.MessagesCut + source.Messages.Count - kept.Count,
        };
    }
}
