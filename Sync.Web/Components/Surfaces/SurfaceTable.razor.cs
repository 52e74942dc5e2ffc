using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Surfaces;

/// <summary>A list or an object as a table, as lines of a log, or, where it is one plain object, as its fields.</summary>
public sealed partial class SurfaceTable
{
    private const int MaxFields = 60;

    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Value { get; set; }

    /// <summary>The render hint.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Hint { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    private bool IsLog => Hint.Text("layout") == "event-log";

    private bool IsFields => Value.ValueKind == JsonValueKind.Object && !IsWide(Value);

    /// <summary>Whether a value needs the width of a table.</summary>
    internal static bool IsWide(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array || (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(field => field.Value.ValueKind == JsonValueKind.Object));
}
