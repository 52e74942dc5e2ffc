using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Actions;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Rooms;

namespace Sync.Engine.Context;

/// <summary>
/// Joins a context from fragments: entries keep their JSON, scopes keep theirs joined, views and availability are memoised. One context, one thread.
/// </summary>
internal sealed partial class ContextWriter(ContextSource source)
{
    private readonly RoomActivation _reader = source.Reader;
    private readonly List<JsonObject> _attention = [];
    private readonly List<JsonObject> _elided = [];
    private readonly List<string> _expand = [];

    private RoomState State => source.Moment.State;

    public void Write(Utf8JsonWriter writer)
    {
        if (source.Shape.Compact)
        {
            CompactContext.Write(writer, JsonText.Write(this, static (whole, context) => context.WriteWhole(whole)), source.Shape.Meta);
        }
        else
        {
            WriteWhole(writer);
        }
    }

    private void WriteWhole(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var section in source.Shape.Sections)
        {
            switch (section)
            {
                case "state":
                    WriteState(writer);
                    break;
                case "views":
                    WriteViews(writer);
                    break;
                case "agents":
                    WriteAgents(writer);
                    break;
                case "actions":
                    WriteActions(writer);
                    break;
                case "messages":
                    WriteMessages(writer);
                    break;
            }
        }

        if (source.Shape.Include.Contains("activity"))
        {
            WriteActivity(writer);
        }

        if (source.Changed is not null)
        {
            WriteRemoved(writer);
        }

        writer.WriteString("self"u8, source.Self);
        source.Session?.Write(writer, source);
        WriteSummary(writer);
        writer.WriteEndObject();
    }

    private void WriteRemoved(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("removed"u8);
        foreach (var key in source.Changed!)
        {
            if (key is { Scope: { } scope, Key: { } name } && source.Sight.Sees(scope) && scope != Names.Messages && State.Find(scope, name) is null)
            {
                writer.WriteStartObject();
                writer.WriteString("scope"u8, scope == source.Self && !source.Sight.All ? Names.Self : scope);
                writer.WriteString("key"u8, name);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private void WriteSummary(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("_context"u8);
        writer.WritePropertyName("sections"u8);
        WriteTargets.WriteIds(writer, source.Shape.Sections);
        writer.WriteString("depth"u8, source.Shape.Depth switch { ContextDepth.Full => "full", ContextDepth.Usage => "usage", _ => "lean" });
        writer.WritePropertyName("help"u8);
        WriteTargets.WriteIds(writer, HelpKeys());
        foreach (var section in ContextShape.AllSections.Except(source.Shape.Sections))
        {
            Elide(section, [], $"only={section}");
        }

        Write(writer, "elided"u8, _elided);
        writer.WritePropertyName("_expand"u8);
        WriteTargets.WriteIds(writer, _expand);
        writer.WriteNumber("seq"u8, State.Seq);
        if (source.Shape.Since is { } since)
        {
            writer.WriteNumber("since"u8, since);
        }

        foreach (var (key, problem) in State.Degraded.Where(d => source.Sight.Sees(d.Key.Scope!)).OrderBy(static d => (d.Key.Scope, d.Key.Key)))
        {
            // A view that is broken is told of with its value.
            if (key.Scope != Names.Views)
            {
                _attention.Add(key.Scope == Names.Actions
                    ? new JsonObject { ["kind"] = "broken_action", ["action"] = key.Key, ["message"] = problem, ["hint"] = "Register it again." }
                    : new JsonObject { ["kind"] = "degraded_entry", ["scope"] = key.Scope, ["key"] = key.Key, ["message"] = problem, ["hint"] = "Write it again." });
            }
        }

        foreach (var (target, actions) in State.Targets.Contested)
        {
            _attention.Add(new JsonObject
            {
                ["kind"] = "contested",
                ["target"] = target,
                ["actions"] = new JsonArray([.. actions.Select(a => (JsonNode)a)]),
                ["help"] = "contested_actions",
            });
        }

        Write(writer, "attention"u8, _attention);
        writer.WriteEndObject();
    }

    private IEnumerable<string> HelpKeys()
    {
        if (State.Actions.IsEmpty)
        {
            yield return "vocabulary_bootstrap";
        }

        if (source.Self is { } self && State.Messages.DirectedUnread(self, source.Moment.Presence.Of(self).Cursor) > 0)
        {
            yield return "directed_messages";
        }

        if (State.Targets.HasContested)
        {
            yield return "contested_actions";
        }

        if (source.MessagesCut > 0)
        {
            yield return "context_shaping";
        }
    }

    private void Elide(string section, JsonObject what, string query)
    {
        var note = new JsonObject { ["section"] = section };
        foreach (var (name, value) in what)
        {
            note[name] = value?.DeepClone();
        }

        note["query"] = query;
        _elided.Add(note);
        _expand.Add(query);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, List<JsonObject> notes)
    {
        writer.WriteStartArray(name);
        foreach (var note in notes)
        {
            note.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
