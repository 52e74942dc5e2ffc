using System.Text.Json;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Views;

/// <summary>Views as contexts show them.</summary>
internal static class ViewJson
{
    public static void WriteDefinition(Utf8JsonWriter writer, ViewDefinition view)
    {
        writer.WriteString("expr"u8, view.Expression.Source);
        writer.WriteString("scope"u8, view.Scope);
        writer.WriteString("registered_by"u8, view.Registrant);
        if (view.Enabled is { } enabled)
        {
            writer.WriteString("enabled"u8, enabled.Source);
        }

        if (view.Render is { } render)
        {
            writer.WritePropertyName("render"u8);
            render.WriteTo(writer);
        }
    }

    /// <summary>The synthetic view, while something is contested.</summary>
    public static void WriteContested(Utf8JsonWriter writer, RoomState state)
    {
        if (!state.Targets.HasContested)
        {
            return;
        }

        writer.WriteStartObject(ReservedScopes.ContestedView);
        writer.WritePropertyName("value"u8);
        state.Targets.ContestedValue.Json.WriteTo(writer);
        writer.WriteBoolean("system"u8, value: true);
        writer.WriteEndObject();
    }
}
