using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Actions;
using Sync.Engine.Actions.BuiltIns;
using Sync.Engine.Agents;
using Sync.Engine.Expressions;
using Sync.Engine.Rooms;
using Sync.Engine.Views;

namespace Sync.Engine.Context;

/// <summary>The sections of a context, each written from its fragments.</summary>
internal sealed partial class ContextWriter
{
    private bool Shows(string scope, string? key) => source.Changed is not { } changed || changed.Contains(new StateKey(scope, key));

    private void WriteState(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("state"u8);
        var wanted = source.Shape.Scopes;
        var sawShared = false;
        foreach (var name in State.ScopeNames)
        {
            var isOwn = name == source.Self;
            var listed = wanted.Contains(name);
            if ((Names.IsSection(name) && !listed) || (isOwn && !source.Sight.All) || !source.Sight.Sees(name) || (!wanted.IsEmpty && !listed))
            {
                continue;
            }

            sawShared |= name == Names.Shared;
            WriteScope(writer, name, State.Scope(name)!);
        }

        if (!sawShared && (wanted.IsEmpty || wanted.Contains(Names.Shared)) && source.Changed is null)
        {
            writer.WriteStartObject(Names.Shared);
            writer.WriteEndObject();
        }

        if (source.Self is { } self && (wanted.IsEmpty || wanted.Contains(Names.Self) || wanted.Contains(self)))
        {
            WriteScope(writer, Names.Self, State.Scope(self) ?? ScopeState.Empty(self));
        }

        foreach (var extra in source.Shape.Include)
        {
            if (extra == Names.Messages && State.Scope(Names.Messages) is { } messages)
            {
                WriteScope(writer, Names.Messages, messages);
            }
            else if (extra == Names.Audit)
            {
                writer.WriteStartArray(Names.Audit);
                foreach (var e in source.Audit)
                {
                    EventJson.Write(writer, e, source.Sight, withValues: false);
                }

                writer.WriteEndArray();
            }
        }

        writer.WriteEndObject();
        if (!wanted.IsEmpty)
        {
            var others = State.ScopeNames.Where(n => !Names.IsSection(n) && source.Sight.Sees(n) && !wanted.Contains(n)).ToList();
            if (others.Count > 0)
            {
                Elide("state", new JsonObject { ["scopes"] = new JsonArray([.. others.Select(o => (JsonNode)o)]) }, "only=state");
            }
        }
    }

    private void WriteScope(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        if (source.Changed is null && !source.Shape.Meta && scope.Conditional == 0)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(scope.Json, skipInputValidation: true);
            return;
        }

        var entries = scope.Entries.Values.Where(e => _reader.IsVisible(e, scope.Name) && Shows(scope.Name, e.Key)).ToList();
        if (source.Changed is not null && entries.Count == 0)
        {
            return;
        }

        writer.WritePropertyName(name);
        if (!source.Shape.Meta)
        {
            writer.WriteRawValue(ScopeState.Join(entries), skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        foreach (var entry in entries)
        {
            writer.WriteStartObject(entry.Key);
            writer.WritePropertyName("value"u8);
            entry.Value.WriteTo(writer);
            entry.WriteMeta(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private void WriteViews(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("views"u8);
        foreach (var view in State.Views.Values)
        {
            if (!ViewValues.IsEnabled(_reader, view) || !ViewChanged(view))
            {
                continue;
            }

            var value = ViewValues.Value(_reader, view).For(source.Sight);
            if (value.Error is { } error)
            {
                _attention.Add(new JsonObject { ["kind"] = "broken_view", ["view"] = view.Id, ["message"] = error.Message, ["hint"] = error.Hint });
            }

            writer.WriteStartObject(view.Id);
            writer.WritePropertyName("value"u8);
            value.Json.WriteTo(writer);
            if (view.Description is not null)
            {
                writer.WriteString("description"u8, view.Description);
            }

            if (source.Shape.Depth != ContextDepth.Lean)
            {
                ViewJson.WriteDefinition(writer, view);
            }

            writer.WriteEndObject();
        }

        ViewJson.WriteContested(writer, State);
        writer.WriteEndObject();
    }

    private bool ViewChanged(ViewDefinition view)
    {
        if (source.Changed is not { } changed)
        {
            return true;
        }

        return changed.Contains(new StateKey(Names.Views, view.Id))
            || Moved(view.ReadsIn(State, source.Self), changed)
            || (view.Enabled is { } enabled && Moved(enabled.ReadsIn(State, self: null), changed));
    }

    private static bool Moved(ReadSet reads, IReadOnlySet<StateKey> changed) => !reads.IsFixed || reads.Keys.Any(key =>
        key.Scope is null || (key.Key is null ? changed.Any(c => c.Scope == key.Scope) : changed.Contains(key)));

    private void WriteAgents(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("agents"u8);
        foreach (var agent in State.Agents.Values)
        {
            // Presence moves without events, so an agent that is here counts as changed.
            if ((agent.Entry is null || _reader.IsVisible(agent.Entry, agent.Id))
                && (Shows(Names.Agents, agent.Id) || Presence.Status(source.Moment.Presence.Of(agent.Id), source.Moment.Now) is "active" or "waiting"))
            {
                writer.WriteStartObject(agent.Id);
                AgentFigures.WriteFields(writer, agent, source.Moment.Presence, source.Moment.Now, source.Shape.Depth != ContextDepth.Lean);
                source.Session?.WriteMarks(writer, source, agent);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }

    private void WriteActions(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("actions"u8);
        foreach (var action in State.Actions.Values)
        {
            if (action.IsShadowed)
            {
                _attention.Add(new JsonObject { ["kind"] = "reserved_id", ["action"] = action.Id, ["message"] = $"The room's own action '{action.Id}' has the id of a built-in one and is never run.", ["hint"] = "Delete it, or register it under another id." });
            }
            else if (ActionChanged(action))
            {
                ActionJson.Write(writer, _reader, action, source.Shape.Depth);
            }
        }

        if (source.Changed is null)
        {
            foreach (var builtIn in BuiltIn.All)
            {
                ActionJson.Write(writer, builtIn, source.Level, source.Shape.Depth);
            }
        }

        writer.WriteEndObject();
    }

    private bool ActionChanged(ActionState action)
    {
        if (source.Changed is not { } changed || changed.Contains(new StateKey(Names.Actions, action.Id)))
        {
            return true;
        }

        // A cooldown and a timer end by the clock, without an event.
        return action.Definition.OnInvoke is not null || action.Entry.Timer is not null || Moved(action.Reads.In(State, source.Self), changed);
    }

    private void WriteMessages(Utf8JsonWriter writer)
    {
        var window = State.Messages;
        var cursor = source.Self is { } self ? source.Moment.Presence.Of(self).Cursor : null;
        writer.WriteStartObject("messages"u8);
        writer.WriteNumber("count"u8, window.Count);
        writer.WriteNumber("unread"u8, cursor is null ? 0 : window.Unread(source.Self!, cursor));
        writer.WriteNumber("directed_unread"u8, cursor is null ? 0 : window.DirectedUnread(source.Self!, cursor));
        writer.WriteStartArray("recent"u8);
        foreach (var message in source.Messages)
        {
            message.Entry.Value.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        if (source.MessagesCut > 0)
        {
            // Paged forward, what is missing is newer; otherwise it is older.
            var query = source.Shape.MessagesAfter is not null
                ? $"messages_after={source.MessagesRead}"
                : $"messages_after=0&messages_limit={source.Shape.MessagesLimit}";
            Elide("messages", new JsonObject { ["shown"] = source.Messages.Count, ["missing"] = source.MessagesCut }, query);
        }
    }

    private void WriteActivity(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("activity"u8);
        writer.WriteStartArray("recent"u8);
        foreach (var e in source.Audit.Where(e => e.Kind is EventKind.Invoked).Take(100))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, e.Seq);
            writer.WriteString("agent"u8, e.Agent);
            writer.WriteString("action"u8, e.Action);
            EventJson.WriteParams(writer, e, source.Sight);
            writer.WriteString("at"u8, e.At.UtcDateTime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
