namespace Sync.Web.Components.Shared;

/// <summary>The form in which a long text is shown.</summary>
public enum TextForm
{
    /// <summary>A paragraph.</summary>
    Paragraph,

    /// <summary>Words within a line.</summary>
    Words,

    /// <summary>Preformatted, in a box that scrolls.</summary>
    Json,
}
