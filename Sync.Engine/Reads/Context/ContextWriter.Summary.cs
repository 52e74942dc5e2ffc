using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>What a context says of itself, as <c>_context</c>.</summary>
internal sealed partial class ContextWriter
{
    // Lines of attention: past that many they are counted.
    private const int MaxNotes = 20;

    private void WriteSummary(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("_context"u8);
        writer.WritePropertyName("sections"u8);
        ContextSections.WriteNames(writer, _source.Sections);
        writer.WriteString("depth"u8, _source.Shape.Depth.Name());
        writer.WritePropertyName("help"u8);
        WriteTargets.WriteIds(writer, HelpKeys());
        NoteAbsent();
        writer.WritePropertyName("elided"u8);
        _cuts.WriteNotes(writer);

        // The queries are in the notes; a reader that pays for each byte is not told them twice.
        if (_source.Shape is { Budget: null, IsLean: false })
        {
            writer.WritePropertyName("_expand"u8);
            _cuts.WriteQueries(writer);
        }

        writer.WriteNumber("seq"u8, State.Seq);
        writer.WriteString("cursor"u8, State.Cursor.ToString());
        if (_source.Shape.Since is { } since)
        {
            writer.WriteNumber("since"u8, since);
        }

        if (_source.Shape.Budget is { } budget)
        {
            writer.WriteNumber("budget"u8, budget);
            WriteSalience(writer);
        }

        WritePaused(writer);
        foreach (var (key, problem) in State.Degraded.Where(d => _source.VisibleScopes.Sees(d.Key.Scope!)).OrderBy(static d => (d.Key.Scope, d.Key.Key)))
        {
            // A broken view is reported with its value.
            if (key.Scope != ReservedScopes.Views)
            {
                _attention.Add(key.Scope == ReservedScopes.Actions
                    ? new JsonObject { ["kind"] = "broken_action", ["action"] = key.Key, ["message"] = problem, ["hint"] = "Register it again." }
                    : new JsonObject { ["kind"] = "degraded_entry", ["scope"] = key.Scope, ["key"] = key.Key, ["message"] = problem, ["hint"] = "Write it again." });
            }
        }

        foreach (var surface in State.Surfaces.Found.Where(surface => ViewValues.IsEnabled(_reader, State.Views[surface.View])))
        {
            _attention.Add(new JsonObject
            {
                ["kind"] = "broken_surface",
                ["view"] = surface.View,
                ["message"] = $"It names the {surface.What} '{surface.Name}', which is not there.",
                ["hint"] = $"Register the {surface.What}, or the view with another.",
            });
        }

        Write(writer, "attention"u8, _attention.Count <= MaxNotes ? _attention :
            [.. _attention.Take(MaxNotes), new JsonObject { ["kind"] = "further", ["count"] = _attention.Count - MaxNotes }]);
        writer.WriteEndObject();
    }

    // What is paused, where anything is: who reads it knows why its calls are refused, and what to wait for.
    private void WritePaused(Utf8JsonWriter writer)
    {
        if (State.Pauses.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("paused"u8);
        var own = State.Pauses.OfAgent(_source.Self);
        foreach (var pause in State.Pauses.All.OrderByDescending(pause => pause == own).Take(MaxNotes))
        {
            writer.WriteStartObject();
            writer.WriteString("what"u8, pause.What);
            pause.WriteFields(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (own is not null)
        {
            _attention.Add(new JsonObject
            {
                ["kind"] = "paused",
                ["what"] = own.What,
                ["message"] = Pausing.Refusal(own).Message,
                ["hint"] = $"Wait until this holds: {Pausing.ConditionOf(own.What)}",
            });
        }
    }

    private IEnumerable<string> HelpKeys()
    {
        if (State.Actions.IsEmpty)
        {
            yield return "vocabulary_bootstrap";
        }

        if (_source.Self is { } self && (State.Messages.DirectedUnread(self, _source.Cursor) > 0 || !State.Messages.ToAnswer(self).IsEmpty))
        {
            yield return "directed_messages";
        }

        if (IsContestNews())
        {
            yield return "contested_actions";
        }

        if (_source.MessagesCut > 0 || _cuts.HasMissing)
        {
            yield return "context_shaping";
        }
    }

    // Once for each reader and contest. Who is no agent cannot be remembered: it is told again with each whole context, but not with what changed since.
    private bool IsContestNews() => State.Targets.HasContested && (_source.Self is not null
        ? State.Targets.HasContestedBeside(_source.KnownContests)
        : _source.Changed is not { } changed || State.Targets.Contested.Any(contested => contested.Actions.Any(action => changed.Contains(new StateKey(ReservedScopes.Actions, action)))));

    // The parts by name with why they matter, as 'only' reads them: what is there, and what the budget left no room for. The names have an eighth of the answer; what is not named is counted.
    private void WriteSalience(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("salience"u8);
        var left = _bytes / 8;
        foreach (var group in (_plan?.Parts ?? []).GroupBy(static part => part.Salience))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("why"u8);
            WriteTargets.WriteIds(writer, SalienceNames.Of(group.Key));
            foreach (var kept in group.GroupBy(part => _plan!.Keeps(part.Section, part.Name)).OrderByDescending(static kept => kept.Key))
            {
                List<string> names = [];
                foreach (var name in kept.Select(static part => ContextPart.Of(part.Section, part.Name).ToString()))
                {
                    left -= name.Length + 3;
                    if (left < 0)
                    {
                        break;
                    }

                    names.Add(name);
                }

                if (names.Count > 0)
                {
                    writer.WritePropertyName(kept.Key ? "kept"u8 : "cut"u8);
                    WriteTargets.WriteIds(writer, names);
                }

                if (kept.Count() > names.Count)
                {
                    writer.WriteNumber(kept.Key ? "further_kept"u8 : "further_cut"u8, kept.Count() - names.Count);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
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
