namespace Sync.Web.Components.Admin;

/// <summary>A section of the administration, with an address of its own.</summary>
/// <param name="Path">What follows <c>/admin/</c>; empty for the first one.</param>
/// <param name="Title">Its heading.</param>
internal sealed record AdminSection(string Path, string Title)
{
    /// <summary>All of them, in their order.</summary>
    public static IReadOnlyList<AdminSection> All { get; } =
        [new("", "Overview"), new("users", "Users"), new("rooms", "Rooms"), new("access", "Sessions and tokens"), new("settings", "Settings and limits")];

    /// <summary>Its address, below the page's base.</summary>
    public string Href => Path.Length == 0 ? "admin" : $"admin/{Path}";

    /// <summary>The section of an address; null when there is none.</summary>
    public static AdminSection? Of(string? path) => All.FirstOrDefault(section => section.Path == (path ?? ""));
}
