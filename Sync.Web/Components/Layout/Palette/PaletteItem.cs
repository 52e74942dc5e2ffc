namespace Sync.Web.Components.Layout.Palette;

/// <summary>What choosing an item does.</summary>
internal enum PaletteDeed
{
    /// <summary>Goes to an address.</summary>
    Go,

    /// <summary>Goes to an address outside the circuit's pages: a whole page is loaded.</summary>
    Load,

    /// <summary>Goes to a part of the page.</summary>
    Part,

    /// <summary>Opens an action on the page.</summary>
    Action,

    /// <summary>Opens an agent's page in the room.</summary>
    Agent,

    /// <summary>Opens a view on the page.</summary>
    View,

    /// <summary>Opens an event of the room.</summary>
    Event,

    /// <summary>Does what the page offers.</summary>
    Command,

    /// <summary>Does something that the browser does by itself: the theme, the sheet of keys, signing out.</summary>
    Browser,
}

/// <summary>One thing the palette leads to.</summary>
/// <param name="Group">What it is: Command, Room, Panel, Action, Agent, Help.</param>
/// <param name="Title">Its name.</param>
/// <param name="Detail">A few words more, or null.</param>
/// <param name="Deed">What choosing it does.</param>
/// <param name="Target">Where: an address, an element's id, an action's id, a number.</param>
/// <param name="Keys">The keys that do the same, parted by blanks, or null.</param>
/// <param name="Run">What a command does.</param>
internal sealed record PaletteItem(string Group, string Title, string? Detail, PaletteDeed Deed, string Target, string? Keys = null, Func<Task>? Run = null);
