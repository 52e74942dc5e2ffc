using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Entries;
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
/// A context is bounded in bytes. It is written as if it fitted, which nearly every one does, and given up at the first part that does not; then it is written again by a
/// <see cref="ContextPlan"/>, or as a page where one scope or section is asked for. What is not there is in <c>elided</c>, with the query that gets it.
/// </para>
/// </summary>
internal sealed partial class ContextWriter
{
    // Lines of attention: past that many they are counted.
    private const int MaxNotes = 20;

    // Of the scopes that are cut by a budget, and of the parts too long for it, so many are named for each kilobyte.
    private const int NamedPerKilobyte = 2;

    // A budget's answer is written again while it is too long, since what is cut has to be named.
    private const int MaxAttempts = 8;

    // What a page has beside its parts.
    private const int OwnFields = 1024;

    private readonly ContextSource _source;
    private readonly RoomActivation _reader;

    // Null while it is written as if it fitted.
    private readonly ContextPlan? _plan;
    private readonly ContextSalience? _salience;
    private readonly bool _isBounded;
    private readonly long _bytes;

    // A part that has more is in no context at all; what has no parts that could be read by themselves may be as long as an answer.
    private readonly long _longest;
    private readonly long _answer;
    private long _limit;
    private bool _isOver;

    private ContextWriter(ContextSource source, long bytes, long longest, bool isBounded, long whole)
    {
        _source = source;
        _cuts = source.Shape.Budget is null
            ? new Cuts(source.Steps)
            : new Cuts(source.Steps, (int)Math.Clamp(whole / 1024 * NamedPerKilobyte, 1, Cuts.MaxNamed), "budget");
        _reader = source.Reader;
        _bytes = bytes;
        _answer = longest;

        // A model is not given a value that alone is longer than a context of its should be; others get it.
        _longest = !isBounded ? longest
            : source.Shape.Budget is not null ? Math.Min(longest, Math.Max(bytes, 1))
            : source.Shape.IsLean ? Math.Min(longest, Math.Max(whole - OwnFields, whole / 2))
            : longest;
        _limit = bytes;
        _isBounded = isBounded;
        if (!isBounded)
        {
            return;
        }

        // What has no parts that could be chosen among has a share of its own, and what is left in the end.
        List<PlannedPart> parts = [];
        var others = (source.Shape.Include.HasFlag(ContextExtras.Audit) ? ShareOfAudit : 0) + (source.Shape.Include.HasFlag(ContextExtras.Activity) ? ShareOfActivity : 0)
            + (source.Changed is null ? 0 : _bytes / 10);
        if (source.Shape.Single is null)
        {
            _salience = new ContextSalience(source);
            parts.AddRange(PlannedParts());
        }

        // Messages have their share, and what the rest of the room does not need.
        var share = bytes * ContextPlan.WeightOf(ContextSection.Messages) / Math.Max(1, source.Shape.Sections.Sum(ContextPlan.WeightOf));
        _source = WithFittingMessages(source, Math.Max(share, bytes - others - parts.Sum(static part => part.Bytes)));
        if (source.Shape.Single is null)
        {
            _plan = new ContextPlan(parts, bytes - others - _source.Messages.Sum(static message => (long)message.Entry.Value.Length + MessageJson.AddedBytes));
        }
    }

    private long ShareOfAudit => _bytes / 5;

    private long ShareOfActivity => _bytes / 10;

    /// <summary>Writes a context of at most so many bytes.</summary>
    /// <param name="source">What it is written from.</param>
    /// <param name="limits">How long it may be, where its reader does not say so.</param>
    /// <param name="around">Bytes of what stands around it.</param>
    /// <returns>
    /// The context, and what it was written from: not all messages need be in it. <c>invalid_parameter</c> for a budget in which not even the names of what is cut have room.
    /// </returns>
    public static Outcome<(JsonText Json, ContextSource Shown)> Compose(ContextSource source, RoomLimits limits, long around = 0)
    {
        var shape = source.Shape;
        var whole = Math.Min(shape.Budget is { } budget ? TokenEstimate.BytesOf(budget) : shape.IsLean ? limits.LeanContextBytes : limits.ContextBytes, limits.AnswerBytes);
        whole = Math.Max(whole - around, whole / 2);
        var longest = limits.AnswerBytes - Math.Min(6 * 1024, limits.AnswerBytes / 2);
        if (shape is { Limit: null, After: null, Budget: null })
        {
            var writer = new ContextWriter(source, whole, longest, isBounded: false, whole);
            var json = JsonText.Write(writer, static (json, context) => context.WriteWhole(json));
            if (!writer._isOver && json.Length <= whole)
            {
                return (Compacted(json, source), source);
            }
        }

        // Its own fields, and the names of what was cut.
        var bytes = whole - Math.Min(6 * 1024, shape.Budget is null ? whole / 2 : whole / 4);
        for (var attempt = 1; ; attempt++)
        {
            // In the last attempt nothing but names is left, as few as can be: what that needs is the least that any budget needs.
            var (json, shown) = WriteBounded(source, bytes, longest, bytes == 0 ? 0 : whole);
            var over = json.Length - whole;
            if (over <= 0 || (shape.Budget is null && bytes == 0))
            {
                return (json, shown);
            }

            if (attempt >= MaxAttempts || bytes == 0)
            {
                return shape.Budget is null ? (json, shown) : TooSmall(shape.Budget.Value, json.Length);
            }

            bytes = attempt == MaxAttempts - 1 ? 0 : Math.Max(0, bytes - over - (over / 4) - 64);
        }
    }

    private static (JsonText Json, ContextSource Shown) WriteBounded(ContextSource source, long bytes, long longest, long whole)
    {
        var writer = new ContextWriter(source, bytes, longest, isBounded: true, whole);
        var json = JsonText.Write(writer, static (json, context) => context.WriteWhole(json));
        return (Compacted(json, source), writer._source);
    }

    private static SyncError TooSmall(int budget, long needed)
    {
        // What is counted differs by some digits from read to read.
        var minimum = TokenEstimate.TokensOf(needed) + 25;
        return new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"A budget of {budget} tokens is too small for this context: the names of what is cut, or one part of what is asked for, need more."))
        {
            Hint = string.Create(CultureInfo.InvariantCulture, $"Give a budget of {minimum} or more, or name less in 'only'."),
            Help = "context_shaping",
        }.With("parameter", "budget").With("minimum", minimum);
    }

    /// <summary>Writes what a lobby says: the agents, the two scopes that the standard library keeps roles in, the session.</summary>
    public static LobbyRoom ComposeLobby(ContextSource source, RoomLimits limits)
    {
        var context = new ContextWriter(source, Math.Min(limits.LeanContextBytes, limits.AnswerBytes), limits.AnswerBytes / 2, isBounded: false, whole: limits.AnswerBytes);
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

    private static JsonText Compacted(JsonText json, ContextSource source) => !source.Shape.Compact ? json :
        JsonText.Write((json, source.Shape.Meta), static (writer, t) => CompactContext.Write(writer, t.json, t.Meta));

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

        _isOver |= !_isBounded;
        return false;
    }

    private void WriteWhole(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var section in _source.Shape.Sections)
        {
            writer.WritePropertyName(section.Name());
            WriteSection(writer, section);
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Activity))
        {
            writer.WritePropertyName(ContextExtraNames.Activity);
            WriteActivity(writer);
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

    private void WriteRemoved(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("removed"u8);
        _limit = _bytes;
        foreach (var key in _source.Changed!)
        {
            // Past the bound the reader can only read the room anew; attention says so.
            if (!Takes(writer, 0))
            {
                if (_isBounded)
                {
                    _attention.Add(new JsonObject { ["kind"] = "removed_cut", ["message"] = "Not all removals fit: read the room without 'since'." });
                }

                break;
            }

            if (key is { Scope: { } scope, Key: { } name } && _source.VisibleScopes.Sees(scope) && IsAskedFor(scope, name) && State.Find(scope, name) is null)
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
    private bool IsAskedFor(string scope, string key)
    {
        var (section, name) = scope switch
        {
            ReservedScopes.Agents => (ContextSection.Agents, key),
            ReservedScopes.Actions => (ContextSection.Actions, key),
            ReservedScopes.Views => (ContextSection.Views, key),
            _ => (ContextSection.State, scope == _source.Self && !_source.VisibleScopes.All ? ReservedScopes.Self : scope),
        };
        return scope != ReservedScopes.Messages
            && ((_source.Shape.Has(section) && _source.Selection.Has(section, name) && (section != ContextSection.State || _source.Selection.Of(section)?.Of(name)?.Has(key) is not false))
                || (_source.Selection.Of(ContextSection.State) is { } named && named.Has(scope) && named.Of(scope)?.Has(key) is not false));
    }

    private void WriteSummary(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("_context"u8);
        writer.WritePropertyName("sections"u8);
        ContextSections.WriteNames(writer, _source.Shape.Sections);
        writer.WriteString("depth"u8, _source.Shape.Depth.Name());
        writer.WritePropertyName("help"u8);
        WriteTargets.WriteIds(writer, HelpKeys());
        NoteAbsent();
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

        if (_source.Shape.Budget is { } budget)
        {
            writer.WriteNumber("budget"u8, budget);
            WriteSalience(writer);
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
        new("budget", _source.Shape.Budget),
        new("after", after));

    // What is asked for by name and is not there, or not for this reader. A page that goes on has said it before.
    private void NoteAbsent()
    {
        if (_source.Shape.After is not null || _source.Shape.Parts.IsEmpty)
        {
            return;
        }

        foreach (var (scope, isClosed) in _source.Selection.AbsentScopes)
        {
            NoteScope(scope, isClosed);
        }

        foreach (var (scope, asked) in _source.Selection.Of(ContextSection.State)?.Members ?? [])
        {
            NoteEntries(scope, asked);
        }

        NoteNames(ContextSection.Views, [.. State.Views.Values.Where(view => ViewValues.IsEnabled(_reader, view)).Select(static view => view.Id), .. State.Targets.HasContested ? (string[])[ReservedScopes.ContestedView] : []]);
        NoteNames(ContextSection.Agents, State.Agents.Values.Where(agent => agent.Entry is null || _reader.IsVisible(agent.Entry, ReservedScopes.Agents)).Select(static agent => agent.Id));
        NoteNames(ContextSection.Actions, [.. State.Actions.Values.Where(static action => !action.IsShadowed).Select(static action => action.Id), .. BuiltInIds.All]);
    }

    private void NoteScope(string scope, bool isClosed)
    {
        var near = isClosed ? null : DidYouMean.Nearest(scope, State.ScopeNames.Where(name => _source.VisibleScopes.Sees(name) && !ReservedScopes.IsSection(name)));
        Note(near is null ? null : ContextPart.OfScope(near), ContextSection.State, ContextSection.State, scope, name: null, isClosed);
    }

    private void NoteEntries(string scope, SelectionNode asked)
    {
        var stored = scope == ReservedScopes.Self ? _source.Self : scope;
        if (stored is null || scope == ReservedScopes.Audit || _source.Selection.AbsentScopes.Any(absent => absent.Scope == scope))
        {
            return;
        }

        var cells = State.Scope(stored);
        if (cells is null && asked.IsWhole && scope is not (ReservedScopes.Shared or ReservedScopes.Self))
        {
            NoteScope(scope, isClosed: false);
        }

        foreach (var (key, members) in asked.Members)
        {
            if (cells?.Find(key) is not { } entry || !_reader.IsVisible(entry, stored))
            {
                var keys = cells?.Entries.Values.Where(one => _reader.IsVisible(one, stored)).Select(static one => one.Key) ?? [];
                var full = string.Join('.', members.Members.Select(static member => member.Key).Prepend(key).Take(2));
                var near = DidYouMean.Nearest(key, keys) ?? DidYouMean.Nearest(full, keys);
                Note(near is null ? null : ContextPart.Of(ContextSection.State, scope, near), ContextPart.OfScope(scope), ContextSection.State, scope, key, isClosed: false);
            }
            else if (!members.IsWhole)
            {
                NoteMembers(scope, key, members, entry);
            }
        }
    }

    private void NoteMembers(string scope, string key, SelectionNode members, Entry entry)
    {
        using var document = entry.Value.Parse();
        foreach (var (path, holder) in members.Missing(document.RootElement, [scope, key]))
        {
            var near = holder.ValueKind == JsonValueKind.Object ? DidYouMean.Nearest(path[^1], holder.EnumerateObject().Select(static member => member.Name)) : null;
            Note(
                near is null ? null : ContextPart.Of(ContextSection.State, [.. path[..^1], near]),
                ContextPart.Of(ContextSection.State, path[..^1]), ContextSection.State, scope, string.Join('.', path[1..]), isClosed: false);
        }
    }

    private void NoteNames(ContextSection section, IEnumerable<string> known)
    {
        if (_source.Selection.Of(section) is not { } asked)
        {
            return;
        }

        var names = known.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in asked.Members.Where(member => !names.Contains(member.Key)))
        {
            var near = DidYouMean.Nearest(name, names);
            Note(near is null ? null : ContextPart.Of(section, near), section, section, scope: null, name, isClosed: false);
        }
    }

    private void Note(ContextPart? meant, ContextPart around, ContextSection section, string? scope, string? name, bool isClosed) =>
        _cuts.AddAbsent(section.Name(), scope, name, isClosed, meant?.ToString(), QueryOf(meant ?? around, after: null));

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
                writer.WriteStartArray(kept.Key ? "kept"u8 : "cut"u8);
                var further = 0;
                foreach (var part in kept)
                {
                    var name = ContextPart.Of(part.Section, part.Name).ToString();
                    if (further == 0 && name.Length + 3 <= left)
                    {
                        left -= name.Length + 3;
                        writer.WriteStringValue(name);
                    }
                    else
                    {
                        further++;
                    }
                }

                writer.WriteEndArray();
                if (further > 0)
                {
                    writer.WriteNumber(kept.Key ? "further_kept"u8 : "further_cut"u8, further);
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
