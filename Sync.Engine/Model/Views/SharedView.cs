using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Views;

/// <summary>
/// A view as a token sees it that shows single views only: what is drawn, and nothing of where it comes from. No expression, no scope, no author, and of a
/// broken view not what it failed at, which would name keys of the room.
/// </summary>
/// <param name="Id">The view.</param>
/// <param name="Value">Its value.</param>
/// <param name="Render">How it asks to be drawn, or null.</param>
/// <param name="Description">Only where it stands in for the label that the hint lacks.</param>
internal sealed record SharedView(string Id, ViewValue Value, JsonText? Render, string? Description)
{
    private static readonly ViewValue s_broken = ViewValue.Of(CelValue.Error("It cannot be worked out at the moment."), []);

    /// <summary>Those of the named views that are there and enabled. The reader must be nobody: what a view sees of private scopes it sees by its own scope.</summary>
    public static IEnumerable<SharedView> Of(RoomActivation reader, ViewSet views)
    {
        foreach (var id in views)
        {
            if (reader.Moment.State.Views.GetValueOrDefault(id) is { } view && ViewValues.IsEnabled(reader, view))
            {
                yield return new SharedView(id, Shown(ViewValues.Value(reader, view)), view.Render, HasLabel(view.Render) ? null : view.Description);
            }
        }
    }

    /// <summary>A value without what it failed at.</summary>
    public static ViewValue Shown(ViewValue value) => value.Error is null ? value : s_broken;

    private static bool HasLabel(JsonText? render)
    {
        if (render is not { } hint)
        {
            return false;
        }

        using var document = hint.Parse();
        return document.RootElement.TryGetProperty("label"u8, out var label) && label.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(label.GetString());
    }
}
