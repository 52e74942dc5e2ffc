using System.Collections.Immutable;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Layout;

/// <summary>Keys that belong together, each with what it does; keys one after the other are parted by a blank.</summary>
/// <param name="Title">What they are for.</param>
/// <param name="Keys">The keys and what they do.</param>
internal sealed record KeyGroup(string Title, ImmutableArray<(string Keys, string Means)> Keys);

/// <summary>The keys that pages hear, for their sheet. Those of the panels come from <see cref="RoomPanels"/>, so that the sheet names what the tabs have.</summary>
internal static class KeyList
{
    public static ImmutableArray<KeyGroup> All { get; } =
    [
        new("Everywhere",
        [
            ("Ctrl K", "find, go to, do"), (".", "the same"), ("?", "these keys"), ("g i", "inbox"), ("g r", "rooms"), ("g h", "help: the documentation"), ("Esc", "close what is open"),
        ]),
        new("In a list",
        [
            ("j", "next line"), ("k", "line before"), ("Enter", "open it"), ("e", "edit what is open"), ("r", "reply"), ("/", "filter; Enter goes to the first line"),
        ]),
        new("In the inbox",
        [
            ("a", "accept what is shown"), ("e", "accept with other parameters"), ("r", "reject with a note, or reply"), ("u", "undo the last acceptance"),
        ]),
        new("In a room",
        [
            ("c", "write a message"), ("[", "one event back"), ("]", "one event forward"), ("n", "back to now"),
        ]),
        new("Go to a panel", [.. RoomPanels.All.Select(static panel => ($"g {panel.Key}", panel.Title))]),
    ];
}
