namespace Sync.Engine.Reads.Context;

/// <summary>
/// A page of parts in the order of their names: which of them are on it, and how many come after. It begins after the name that was asked for and ends at the first part that does not fit; a part
/// that is too long for any page is named and passed over. One page, one thread.
/// </summary>
/// <param name="shape">Where it begins, and how many parts it may have.</param>
/// <param name="order">The order of the names.</param>
internal sealed class ContextPage(ContextShape shape, IComparer<string> order)
{
    /// <summary>Parts on the page.</summary>
    public int Shown { get; private set; }

    /// <summary>Parts after it.</summary>
    public long Missing { get; private set; }

    /// <summary>The last part on it, or passed over: the next page begins after this.</summary>
    public string? Last { get; private set; } = shape.After;

    /// <summary>Whether a part stands before the page.</summary>
    public bool IsBefore(string name) => shape.After is { } after && order.Compare(name, after) <= 0;

    /// <summary>Whether the page has ended before a part, which need not be measured then: it is counted.</summary>
    public bool EndsBefore()
    {
        var hasEnded = Missing > 0 || Shown == shape.Limit;
        Missing += hasEnded ? 1 : 0;
        return hasEnded;
    }

    /// <summary>Whether a part is on the page; asked of each in turn.</summary>
    /// <param name="name">The part.</param>
    /// <param name="bytes">How long it is.</param>
    /// <param name="longest">How long a part may be.</param>
    /// <param name="fits">Whether there is room for it.</param>
    /// <param name="nameLong">Names a part that is too long; false when no more can be named.</param>
    public bool Takes(string name, long bytes, long longest, bool fits, Func<bool> nameLong)
    {
        if (Missing > 0 || Shown == shape.Limit || (bytes <= longest && !fits && Shown > 0) || (bytes > longest && !nameLong()))
        {
            Missing++;
            return false;
        }

        Last = name;
        if (bytes > longest)
        {
            return false;
        }

        Shown++;
        return true;
    }
}
