using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// Joins a context from fragments: entries keep their JSON, scopes keep theirs joined, views and availability are memoised. One context, one thread.
/// <para>
/// A context is bounded in bytes. It is written as if it fitted, which nearly every one does, and given up at the first part that does not; then it is written again with
/// a share for each section, of which what the others leave over goes to the state. What is not there is in <c>elided</c>, with the query that gets it.
/// </para>
/// </summary>
internal sealed partial class ContextWriter
{
    // Lines of attention: past that many they are counted.
    private const int MaxNotes = 20;

    private readonly ContextSource _source;
    private readonly RoomActivation _reader;

    // By the member of the answer; null while it is written as if it fitted.
    private readonly Dictionary<string, JsonText>? _sections;
    private readonly long _bytes;

    // A part that has more is in no context at all.
    private readonly long _longest;
    private long _limit;
    private bool _isOver;

    private ContextWriter(ContextSource source, long bytes, long longest, bool inShares)
    {
        _source = source;
        _cuts = new Cuts(source.Steps);
        _reader = source.Reader;
        _bytes = bytes;
        _longest = longest;
        _limit = bytes;
        _sections = inShares ? [] : null;
    }

    /// <summary>Writes a context of at most so many bytes.</summary>
    /// <returns>The context, and what it was written from: not all messages need be in it.</returns>
    public static (JsonText Json, ContextSource Shown) Compose(ContextSource source, RoomLimits limits)
    {
        long whole = Math.Min(source.Shape.IsLean ? limits.LeanContextBytes : limits.ContextBytes, limits.AnswerBytes);

        // Its own fields, and the names of what was cut.
        var bytes = whole - Math.Min(6 * 1024, whole / 2);
        var longest = limits.AnswerBytes - Math.Min(6 * 1024, limits.AnswerBytes / 2);
        if (source.Shape is { Limit: null, After: null })
        {
            var writer = new ContextWriter(source, whole, longest, inShares: false);
            var json = JsonText.Write(writer, static (json, context) => context.WriteWhole(json));
            if (!writer._isOver && json.Length <= whole)
            {
                return (source.Shape.Compact ? Compact(json, source) : json, source);
            }
        }

        var shown = WithFittingMessages(source, ShareOf(ContextSection.Messages, source.Shape, bytes));
        var cut = JsonText.Write(new ContextWriter(shown, bytes, longest, inShares: true), static (json, context) => context.WriteWhole(json));
        return (source.Shape.Compact ? Compact(cut, source) : cut, shown);
    }

    /// <summary>Writes what a lobby says: the agents, the two scopes that the standard library keeps roles in, the session.</summary>
    public static LobbyRoom ComposeLobby(ContextSource source, RoomLimits limits)
    {
        var context = new ContextWriter(source, Math.Min(limits.LeanContextBytes, limits.AnswerBytes), limits.AnswerBytes / 2, inShares: true);
        return new LobbyRoom(
            JsonText.Write(context, static (writer, context) => context.WriteAgents(writer)),
            context.ScopeOf(RoleScopes.Declared),
            context.ScopeOf(RoleScopes.Held),
            source.Session is null ? null : JsonText.Write(source, static (writer, source) => source.Session!.WriteValue(writer, source))); // Asked before.
    }

    // A whole scope of the state, where it is there and fits.
    private JsonText? ScopeOf(string name) => State.Scope(name) is { } scope && scope.Bytes <= _limit
        ? JsonText.Write((this, scope), static (writer, t) =>
            writer.WriteRawValue(ScopeState.Join(t.scope.Entries.Values.Where(entry => t.Item1._reader.IsVisible(entry, t.scope.Name)).ToList()), skipInputValidation: true))
        : null;

    private static JsonText Compact(JsonText json, ContextSource source) =>
        JsonText.Write((json, source.Shape.Meta), static (writer, t) => CompactContext.Write(writer, t.json, t.Meta));

    // In hundredths. The state has the rest, and whatever the others do not need.
    private static int WeightOf(ContextSection section) => section switch
    {
        ContextSection.Messages => 25,
        ContextSection.Views => 20,
        ContextSection.Actions => 15,
        ContextSection.Agents => 10,
        _ => 30,
    };

    private static long ShareOf(ContextSection section, ContextShape shape, long bytes) =>
        bytes * WeightOf(section) / Math.Max(1, shape.Sections.Sum(WeightOf));

    // The newest, or paged forward the oldest; at least one, or a reader would never get past it.
    private static ContextSource WithFittingMessages(ContextSource source, long bytes)
    {
        var isForward = source.IsForward;
        var all = source.Messages;
        var fits = 0;
        for (long sum = 0; fits < all.Count; fits++)
        {
            sum += all[isForward ? fits : all.Count - 1 - fits].Entry.Value.Length + MessageJson.AddedBytes;
            if (sum > bytes && (fits > 0 || !(isForward || source.Shape.Single == ContextSection.Messages)))
            {
                break;
            }
        }

        if (fits == all.Count)
        {
            return source;
        }

        var messages = isForward ? all.Take(fits).ToList() : all.Skip(all.Count - fits).ToList();
        return source with
        {
            Messages = messages,
            MessagesCut = isForward ? source.CountAfter(messages[^1].Seq) : source.MessagesCut + all.Count - fits,
            MessagesRead = isForward ? messages[^1].Seq : source.MessagesRead,
        };
    }

    private readonly List<JsonObject> _attention = [];
    private readonly Cuts _cuts;

    // The last scope of the state that is here or named: where a page of the others begins.
    private string? _lastScope;

    // The first that is not.
    private string? _firstFurther;

    private RoomState State => _source.Moment.State;

    // Whether a part of about this size fits. While the context is written as if it fitted, one that does not ends it: the rest need not be written.
    private bool Takes(Utf8JsonWriter writer, long length)
    {
        if (!_isOver && writer.BytesCommitted + writer.BytesPending + length <= _limit)
        {
            return true;
        }

        _isOver |= _sections is null;
        return false;
    }

    private void WriteWhole(Utf8JsonWriter writer)
    {
        if (_sections is not null)
        {
            ComposeSections();
        }

        writer.WriteStartObject();
        foreach (var section in _source.Shape.Sections)
        {
            writer.WritePropertyName(section.Name());
            if (_sections?.TryGetValue(section.Name(), out var composed) is true)
            {
                composed.WriteTo(writer);
            }
            else
            {
                WriteSection(writer, section);
            }
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Activity))
        {
            writer.WritePropertyName(ContextExtraNames.Activity);
            if (_sections?.TryGetValue(ContextExtraNames.Activity, out var composed) is true)
            {
                composed.WriteTo(writer);
            }
            else
            {
                WriteActivity(writer);
            }
        }

        if (_source.Changed is not null)
        {
            WriteRemoved(writer);
        }

        writer.WriteString("self"u8, _source.Self);
        _source.Session?.Write(writer, _source);
        WriteSummary(writer);
        writer.WriteEndObject();
    }

    private void WriteSection(Utf8JsonWriter writer, ContextSection section)
    {
        switch (section)
        {
            case ContextSection.State:
                WriteState(writer);
                break;
            case ContextSection.Views:
                WriteViews(writer);
                break;
            case ContextSection.Agents:
                WriteAgents(writer);
                break;
            case ContextSection.Actions:
                WriteActions(writer);
                break;
            default:
                WriteMessages(writer);
                break;
        }
    }

    // Every section within its share, and the state last, within what is left.
    private void ComposeSections()
    {
        var left = _bytes;
        foreach (var section in _source.Shape.Sections.Where(static section => section != ContextSection.State))
        {
            _limit = ShareOf(section, _source.Shape, _bytes);
            Compose(section.Name(), (context: this, section), static (writer, t) => t.context.WriteSection(writer, t.section));
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Activity))
        {
            _limit = left / 10;
            Compose(ContextExtraNames.Activity, this, static (writer, context) => context.WriteActivity(writer));
        }

        if (_source.Shape.Has(ContextSection.State))
        {
            _limit = Math.Max(left, 0);
            Compose(ContextSection.State.Name(), this, static (writer, context) => context.WriteState(writer));
        }

        void Compose<T>(string name, T state, Action<Utf8JsonWriter, T> write)
        {
            _sections![name] = JsonText.Write(state, write); // There is one while this runs.
            left -= _sections[name].Length + name.Length + 4;
        }
    }

    private void WriteRemoved(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("removed"u8);
        _limit = _bytes;
        foreach (var key in _source.Changed!)
        {
            // Past the bound the reader can only read the room anew; attention says so.
            if (!Takes(writer, 0))
            {
                if (_sections is not null)
                {
                    _attention.Add(new JsonObject { ["kind"] = "removed_cut", ["message"] = "Not all removals fit: read the room without 'since'." });
                }

                break;
            }

            if (key is { Scope: { } scope, Key: { } name } && _source.VisibleScopes.Sees(scope) && IsAskedFor(scope) && State.Find(scope, name) is null)
            {
                writer.WriteStartObject();
                writer.WriteString("scope"u8, scope == _source.Self && !_source.VisibleScopes.All ? ReservedScopes.Self : scope);
                writer.WriteString("key"u8, name);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    // A removal is told to who asked for what it was in. Messages do not go.
    private bool IsAskedFor(string scope)
    {
        var shape = _source.Shape;
        return scope switch
        {
            ReservedScopes.Messages => false,
            ReservedScopes.Agents => shape.Has(ContextSection.Agents),
            ReservedScopes.Actions => shape.Has(ContextSection.Actions),
            ReservedScopes.Views => shape.Has(ContextSection.Views),
            _ => shape.Has(ContextSection.State) && (shape.Scopes.IsEmpty || shape.Scopes.Contains(scope) || (scope == _source.Self && shape.Scopes.Contains(ReservedScopes.Self))),
        } || shape.Scopes.Contains(scope);
    }

    private void WriteSummary(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("_context"u8);
        writer.WritePropertyName("sections"u8);
        ContextSections.WriteNames(writer, _source.Shape.Sections);
        writer.WriteString("depth"u8, _source.Shape.Depth.Name());
        writer.WritePropertyName("help"u8);
        WriteTargets.WriteIds(writer, HelpKeys());
        foreach (var section in ContextSections.All.Except(_source.Shape.Sections))
        {
            _cuts.AddUnasked(section.Name(), NextStep.ReadPart(_source.Room, section));
        }

        writer.WritePropertyName("elided"u8);
        _cuts.WriteNotes(writer);
        writer.WritePropertyName("_expand"u8);
        _cuts.WriteQueries(writer);
        writer.WriteNumber("seq"u8, State.Seq);
        writer.WriteString("cursor"u8, State.Cursor.ToString());
        if (_source.Shape.Since is { } since)
        {
            writer.WriteNumber("since"u8, since);
        }

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

        if (State.Targets.HasContested)
        {
            yield return "contested_actions";
        }

        if (_source.MessagesCut > 0 || _cuts.HasMissing)
        {
            yield return "context_shaping";
        }
    }

    // A query of the same shape: what was asked for, of one scope or section, from where this answer ends.
    private NextStep QueryOf(ContextPart only, string? after) => QueryOf([only], after);

    private NextStep QueryOf(IEnumerable<ContextPart> only, string? after) => NextStep.ReadParts(
        _source.Room,
        only,
        new("depth", _source.Shape.Depth == ContextDepth.Lean ? null : _source.Shape.Depth.Name()),
        new("meta", _source.Shape.Meta ? true : null),
        new("include", _source.Shape.WithPrivate ? ContextExtraNames.Private : null),
        new("at", _source.Shape.At),
        new("since", _source.Shape.Since),
        new("limit", _source.Shape.Limit),
        new("after", after));

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
