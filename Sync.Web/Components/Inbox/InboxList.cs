using System.Collections.Immutable;
using Sync.Engine.Reads.Inbox;

namespace Sync.Web.Components.Inbox;

/// <summary>
/// The list of the inbox as its reader works through it: what waits, and what was opened on this visit and waits no more, which stays where it stood until the reader leaves. One page each, on its dispatcher.
/// </summary>
internal sealed class InboxList
{
    /// <summary>So many are drawn at first, and more of them on request.</summary>
    public const int Step = 50;

    private readonly Dictionary<string, InboxItem> _opened = new(StringComparer.Ordinal);
    private ImmutableArray<InboxItem> _waiting = [];
    private InboxLocation _location = new();

    /// <summary>What is shown: what waits for the person's word, then what needs attention; of each the newest first.</summary>
    public ImmutableArray<InboxItem> Items { get; private set; } = [];

    /// <summary>The item that is open: the one that the address names, while it is shown; on a wide page the first otherwise.</summary>
    public InboxItem? Open { get; private set; }

    /// <summary>Whether the reader has opened it themselves.</summary>
    public bool IsChosen => Open is not null && Open.Key == _location.Item;

    /// <summary>Whether an item waits no more.</summary>
    public bool IsDone(InboxItem item) => !_waiting.Any(waiting => waiting.Key == item.Key);

    /// <summary>Shows what waits by now, at a place.</summary>
    public void Show(InboxModel model, InboxLocation location)
    {
        var before = Items;
        var place = Open is { } open ? before.IndexOf(before.FirstOrDefault(item => item.Key == open.Key) ?? open) : -1;
        (_waiting, _location) = (model.Items, location);
        foreach (var item in _waiting.Where(item => _opened.ContainsKey(item.Key)))
        {
            _opened[item.Key] = item;
        }

        var waiting = _waiting.Select(static item => item.Key).ToHashSet(StringComparer.Ordinal);
        Items =
        [
            .. _waiting.Concat(_opened.Values.Where(item => item.Kind == InboxKind.Message && !waiting.Contains(item.Key)))
                .Where(location.Takes)
                .OrderBy(static item => item.IsCounted ? 0 : 1).ThenByDescending(static item => item.At).ThenBy(static item => item.Key, StringComparer.Ordinal),
        ];
        Open = Items.FirstOrDefault(item => item.Key == location.Item)
            ?? Items.FirstOrDefault(item => item.Key == Open?.Key)
            ?? (Items.IsEmpty ? null : place >= 0 ? Items[Math.Min(place, Items.Length - 1)] : Items[0]);
    }

    /// <summary>Notes that the reader has opened an item.</summary>
    public void NoteOpened(InboxItem item) => _opened[item.Key] = item;

    /// <summary>The item so many further down, or up; the first where none is open. Null where there is none.</summary>
    public InboxItem? Beside(int steps)
    {
        if (Items.IsEmpty)
        {
            return null;
        }

        var at = Open is { } open ? Items.IndexOf(open) : -1;
        return at < 0 ? Items[0] : Items[Math.Clamp(at + steps, 0, Items.Length - 1)];
    }

    /// <summary>
    /// Up to which message of its room the reader has read once an item is open: never past a message to them that they have not opened. Null where the item is no message.
    /// </summary>
    public long? ReadUpTo(InboxItem item)
    {
        if (item.Message is not { } opened)
        {
            return null;
        }

        var inRoom = _waiting.Where(other => other.Room == item.Room && other.Kind == InboxKind.Message && other.Key != item.Key && !_opened.ContainsKey(other.Key)).Select(static other => other.Message!.Value).ToList(); // A message has a number.
        var newest = _opened.Values.Where(other => other.Room == item.Room && other.Message is not null).Select(static other => other.Message!.Value).Append(opened).Max(); // As above.
        return inRoom.Count == 0 ? newest : Math.Min(newest, inRoom.Min() - 1);
    }
}
