using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Shared;

/// <summary>
/// A panel beside the page. It takes the focus when it appears and gives it back to what opened it when it goes; Escape presses its close button. The page beside it stays in use, so it is no
/// modal dialog; on a phone it covers the page, and the Tab key stays in it. Whether it is open is its owner's to say: render it or not.
/// </summary>
public sealed partial class SidePanel : ComponentBase
{
    private static int s_panels;

    private readonly string _titleId = $"side-{Interlocked.Increment(ref s_panels)}";

    /// <summary>Its heading.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>Closes it.</summary>
    [Parameter, EditorRequired]
    public EventCallback Close { get; set; }

    /// <summary>Whether its content needs more than a form's width.</summary>
    [Parameter]
    public bool Wide { get; set; }

    /// <summary>Controls beside the heading.</summary>
    [Parameter]
    public RenderFragment? Tools { get; set; }

    /// <summary>The content. A field marked <c>data-autofocus</c> has the focus first.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment ChildContent { get; set; }
}
