namespace Sync.Web.Components.Layout.Palette;

/// <summary>Something that a page can do, for the command palette.</summary>
/// <param name="Title">What it does: "Pause the room".</param>
/// <param name="Detail">A few words more, or null.</param>
/// <param name="Keys">Its keys, parted by blanks, or null.</param>
/// <param name="Run">Does it, on the page's dispatcher.</param>
public sealed record PageCommand(string Title, string? Detail, string? Keys, Func<Task> Run);
