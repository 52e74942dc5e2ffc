namespace Sync.Web.Components.Shared;

/// <summary>How a long text is set.</summary>
public enum TextForm
{
    /// <summary>A paragraph.</summary>
    Paragraph,

    /// <summary>Words within a line.</summary>
    Words,

    /// <summary>Preformatted, in a box that scrolls.</summary>
    Json,
}
