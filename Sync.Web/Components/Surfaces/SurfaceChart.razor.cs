using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>A list as a line or as bars.</summary>
public sealed partial class SurfaceChart
{
    /// <summary>The list.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Value { get; set; }

    /// <summary>Whether to draw a line instead of bars.</summary>
    [Parameter]
    public bool Line { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }
}
