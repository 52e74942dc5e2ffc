using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>An array of objects as a table.</summary>
public sealed partial class SurfaceTable
{
    /// <summary>The array.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Value { get; set; }

    /// <summary>The render hint.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Hint { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }
}
