using System.Text.Json;
using Sync.Engine.Actions;
using Sync.Engine.Actions.BuiltIns;
using Sync.Engine.Agents;
using Sync.Engine.Expressions;
using Sync.Engine.Persistence;
using Sync.Engine.Rooms;
using Sync.Engine.Views;

namespace Sync.Engine.Context;

/// <summary>The dashboard bundle as JSON.</summary>
internal static class PollJson
{
    public static void Write(Utf8JsonWriter writer, Entrance entrance, Moment moment, IReadOnlyList<EventRow> rows, int messagesLimit)
    {
        var state = moment.State;
        var reader = new RoomActivation(moment, entrance.Sight(state), entrance.Self(state), entrance.Room.NewBudget());
        writer.WriteStartObject();
        writer.WriteString("room"u8, entrance.Record.Id);
        writer.WriteNumber("seq"u8, state.Seq);
        writer.WriteString("self"u8, reader.Self);
        WriteAgents(writer, reader);
        WriteState(writer, reader);
        WriteMessages(writer, state, messagesLimit);
        writer.WriteStartObject("actions"u8);
        foreach (var action in state.Actions.Values.Where(static action => !action.IsShadowed))
        {
            ActionJson.Write(writer, reader, action, ContextDepth.Usage);
        }

        foreach (var builtIn in BuiltIn.All)
        {
            ActionJson.Write(writer, builtIn, entrance.Access.Level, ContextDepth.Usage);
        }

        writer.WriteEndObject();
        WriteViews(writer, reader);
        writer.WriteStartArray("audit"u8);
        foreach (var row in rows)
        {
            EventJson.Write(writer, RoomEventJson.Read(row), reader.Sight, withValues: false);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteAgents(Utf8JsonWriter writer, RoomActivation reader)
    {
        writer.WriteStartArray("agents"u8);
        foreach (var agent in reader.Moment.State.Agents.Values)
        {
            if (agent.Entry is null || reader.IsVisible(agent.Entry, agent.Id))
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, agent.Id);
                AgentFigures.WriteFields(writer, agent, reader.Moment.Presence, reader.Moment.Now, full: true);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteState(Utf8JsonWriter writer, RoomActivation reader)
    {
        writer.WriteStartArray("state"u8);
        foreach (var name in reader.Moment.State.ScopeNames.Where(n => !Names.IsSection(n) && reader.Sight.Sees(n)))
        {
            foreach (var entry in reader.Moment.State.Scope(name)!.Entries.Values.Where(e => reader.IsVisible(e, name)))
            {
                writer.WriteStartObject();
                writer.WriteString("scope"u8, name);
                writer.WriteString("key"u8, entry.Key);
                writer.WritePropertyName("value"u8);
                entry.Value.WriteTo(writer);
                entry.WriteMeta(writer);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteMessages(Utf8JsonWriter writer, RoomState state, int limit)
    {
        writer.WriteStartObject("messages"u8);
        writer.WriteNumber("count"u8, state.Messages.Count);
        writer.WriteStartArray("recent"u8);
        for (var number = Math.Max(state.Messages.Oldest, state.Messages.Count - limit + 1); number <= state.Messages.Count; number++)
        {
            state.Messages.Recent[number].Entry.Value.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteViews(Utf8JsonWriter writer, RoomActivation reader)
    {
        writer.WriteStartObject("views"u8);
        foreach (var view in reader.Moment.State.Views.Values.Where(v => ViewValues.IsEnabled(reader, v)))
        {
            writer.WriteStartObject(view.Id);
            writer.WritePropertyName("value"u8);
            ViewValues.Value(reader, view).For(reader.Sight).Json.WriteTo(writer);
            if (view.Description is not null)
            {
                writer.WriteString("description"u8, view.Description);
            }

            ViewJson.WriteDefinition(writer, view);
            writer.WriteEndObject();
        }

        ViewJson.WriteContested(writer, reader.Moment.State);
        writer.WriteEndObject();
    }
}
