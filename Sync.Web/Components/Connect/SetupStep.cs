namespace Sync.Web.Components.Connect;

/// <summary>A step of connecting a client.</summary>
/// <param name="Text">What to do, one sentence.</param>
/// <param name="Code">What to paste, or null.</param>
public sealed record SetupStep(string Text, string? Code)
{
    /// <summary>The file that the text belongs into, or null where it is pasted into a shell or a chat.</summary>
    public string? File { get; init; }

    /// <summary>An address that has the client do it by itself, or null.</summary>
    public string? Link { get; init; }

    /// <summary>What the link says.</summary>
    public string? LinkText { get; init; }

    /// <summary>Whether it is another way to do what the step before does.</summary>
    public bool IsInstead { get; init; }
}
