namespace Sync.Engine.Reads.Context;

/// <summary>Which messages an answer has.</summary>
public enum MessageSelection
{
    /// <summary>The newest, read or not.</summary>
    All,

    /// <summary>Those that the reader has not read, oldest first: what does not fit stays unread and comes with the next answer.</summary>
    Unread,

    /// <summary>None.</summary>
    None,
}
