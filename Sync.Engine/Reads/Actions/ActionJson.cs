using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Reads.Actions;

/// <summary>Actions as contexts show them.</summary>
internal static class ActionJson
{
    // What a definition says beside its description; in the order people ask for it.
    private static readonly string[] s_shown = ["scope", "params", "if", "enabled", "lease", "writes", "shares", "result", "timer", "on_invoke"];

    public static void Write(Utf8JsonWriter writer, RoomActivation reader, ActionState action, ContextDepth depth)
    {
        var answer = Availability.For(reader, action);
        writer.WriteStartObject(action.Id);
        writer.WriteBoolean("available"u8, answer.Available);
        if (answer.Reason is not null)
        {
            writer.WriteString("reason"u8, answer.Reason);
        }

        if (answer.Holder is not null)
        {
            writer.WriteString("holder"u8, answer.Holder);
        }

        WriteIds(writer, "depends_on"u8, action.Definition.DependsOn);

        writer.WriteString("description"u8, action.Definition.Description);
        if (action.Definition.ReachAll && action.StandingIn(reader.Moment).ReachesAll)
        {
            writer.WriteString("reach"u8, "all"u8);
        }

        if (Publishing.May(action, reader.Moment.State, reader.Self))
        {
            WriteIds(writer, "publishes"u8, [Publishing.SelfState]);
        }

        writer.WriteString("version"u8, action.Entry.Version);
        if (depth != ContextDepth.Lean)
        {
            WriteDefinition(writer, action);
        }

        if (depth == ContextDepth.Usage)
        {
            var use = reader.Moment.State.Use(action.Id);
            writer.WriteNumber("invocations"u8, use.Count);
            if (use.LastAt is { } at)
            {
                writer.WriteString("last_invoked_at"u8, at.UtcDateTime);
            }
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, RoomActivation reader, BuiltIn builtIn, AccessLevel level, ContextDepth depth)
    {
        writer.WriteStartObject(builtIn.Id);
        var isPaused = !Pausing.GoesOn(builtIn.Id, parameters: default) && reader.Moment.State.Pauses.Of(reader.Self, builtIn.Id) is not null;
        writer.WriteBoolean("available"u8, level >= builtIn.Needs && !isPaused);
        if (isPaused)
        {
            writer.WriteString("reason"u8, ErrorCode.Paused.Name);
        }

        writer.WriteBoolean("builtin"u8, value: true);
        writer.WriteString("description"u8, builtIn.Description);
        if (depth != ContextDepth.Lean)
        {
            writer.WritePropertyName("params"u8);
            builtIn.ParamsJson.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteDefinition(Utf8JsonWriter writer, ActionState action)
    {
        using var document = action.Definition.Source.Parse();
        foreach (var name in s_shown)
        {
            if (document.RootElement.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteString("registered_by"u8, action.Registrant);
    }

    private static void WriteIds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<string> ids)
    {
        if (ids.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }
}
