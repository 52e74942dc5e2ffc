using System.Collections.Immutable;
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

    // Of the scopes that are cut whole, names of so many bytes cost less than the note on those that are not named.
    private const int LeastNames = 100;

    // By convention of the help texts, the entry of the shared scope that says what the room is for.
    private const string ObjectiveKey = "objective";

    // However small the budget, the newest message to the reader that it has not read is there, unless it has more bytes; the least budget that is named has room for so many of such messages.
    private const int NeededMessages = 4 * 1024;

    private readonly ContextSource _source;
    private readonly RoomActivation _reader;

    // Null while it is written as if it fitted.
    private readonly ContextPlan? _plan;
    private readonly ContextSalience? _salience;
    private readonly ImmutableArray<PlannedPart> _parts = [];

    // Within a budget, what the shared scope says that the room is for: it stays where the scope does not.
    private readonly Entry? _objective;
    private readonly long _objectiveBytes;
    private readonly bool _isBounded;
    private readonly long _bytes;

    // A part that has more is in no context at all; what has no parts that could be read by themselves may be as long as an answer.
    private readonly long _longest;
    private readonly long _answer;
    private long _limit;
    private bool _isOver;

    private ContextWriter(ContextSource source, long bytes, long longest, bool isBounded, long whole, ContextWriter? before = null, bool hasAllDirected = false)
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
        var others = (source.Shape.Include.HasFlag(ContextExtras.Audit) ? ShareOfAudit : 0) + (source.Shape.Include.HasFlag(ContextExtras.Activity) ? ShareOfActivity : 0)
            + (source.Shape.Include.HasFlag(ContextExtras.History) ? ShareOfHistory : 0)
            + (source.Changed is null ? 0 : _bytes / 10);
        _namesLeft = Math.Max(bytes / 10, LeastNames);
        if (source.Shape.Single is null)
        {
            _salience = before?._salience ?? new ContextSalience(source);
            _parts = before?._parts ?? [.. PlannedParts(_salience)];
        }

        // Messages have their share, and what the rest of the room does not need.
        var share = bytes * ContextPlan.WeightOf(ContextSection.Messages) / Math.Max(1, source.Shape.Sections.Sum(ContextPlan.WeightOf));
        share = Math.Max(share, bytes - others - _parts.Sum(static part => part.Bytes));
        _source = source.Shape.Budget is null || source.IsForward ? WithFittingMessages(source, share) : WithMessagesThatMatter(source, share, bytes / 2, hasAllDirected);
        if (source.Shape.Single is null)
        {
            var left = bytes - others - _source.Messages.Sum(LengthOf);
            (_objective, _objectiveBytes) = source.Shape.Budget is null ? default : Objective(left);
            _plan = new ContextPlan(_parts, left - _objectiveBytes, source.Shape.Budget is null ? 0 : PiecesOf(left));
            if (_objective is not null && _plan.Keeps(ContextSection.State, ReservedScopes.Shared))
            {
                _plan.Release(_objectiveBytes);
            }
        }
    }

    // The entry that says what the room is for, where it is asked for and is a small part of what there is room for.
    private (Entry? Entry, long Bytes) Objective(long left)
    {
        if (!_source.Shape.Has(ContextSection.State) || !_source.Selection.Has(ContextSection.State, ReservedScopes.Shared) || _source.Selection.Of(ContextSection.State)?.Of(ReservedScopes.Shared) is not null
            || State.Find(ReservedScopes.Shared, ObjectiveKey) is not { } entry || !Shows(ReservedScopes.Shared, ObjectiveKey) || !_reader.IsVisible(entry, ReservedScopes.Shared))
        {
            return default;
        }

        var bytes = entry.Value.Length + ObjectiveKey.Length + (_source.Shape.Meta ? 304L : 4L);
        return bytes <= left / 4 ? (entry, bytes) : default;
    }

    // Room for the entries that matter of scopes which are too long to be there whole: without it, what matters to nobody fills the answer first.
    private long PiecesOf(long left)
    {
        long bytes = 0;
        foreach (var part in _parts.Where(part => part.Section == ContextSection.State && part.Rank == PlanRank.Other && part.Salience > Salience.Active && part.Bytes > left / 3))
        {
            var entries = State.Scope(part.Name)?.Entries.Values ?? [];
            bytes += entries.Where(entry => _reader.IsVisible(entry, part.Name) && _salience!.Of(part.Name, entry).Salience >= Salience.Read).Sum(static entry => (long)entry.Value.Length + entry.Key.Length + 4);
        }

        return Math.Clamp(bytes, 0, Math.Max(0, left / 5));
    }

    private static long LengthOf(Message message) => message.Entry.Value.Length + MessageJson.AddedBytes;

    private long ShareOfAudit => _bytes / 5;

    private long ShareOfActivity => _bytes / 10;

    private long ShareOfHistory => _bytes / 2;

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
        if (shape.Budget is null && (shape.PagesLog || shape is { Limit: null, After: null }))
        {
            var writer = new ContextWriter(source, whole, longest, isBounded: false, whole);
            var json = JsonText.Write(writer, static (json, context) => context.WriteWhole(json));
            if (!writer._isOver && json.Length <= whole)
            {
                return (Compacted(json, source), source);
            }
        }

        return shape.Budget is null ? WithinBound(source, whole, longest) : WithinBudget(source, shape.Budget.Value, whole, longest);
    }

    private static Outcome<(JsonText Json, ContextSource Shown)> WithinBound(ContextSource source, long whole, long longest)
    {
        // Its own fields, and the names of what was cut.
        var bytes = whole - Math.Min(6 * 1024, whole / 2);
        ContextWriter? before = null;
        for (var attempt = 1; ; attempt++)
        {
            var (json, writer) = WriteBounded(source, bytes, longest, bytes == 0 ? 0 : whole, before);
            var over = json.Length - whole;
            if (over <= 0 || bytes == 0 || attempt >= MaxAttempts)
            {
                return (json, writer._source);
            }

            before = writer;
            bytes = attempt == MaxAttempts - 1 ? 0 : Math.Max(0, bytes - over - (over / 4) - 64);
        }
    }

    // What the notes need is known only when it is written. So it is written again with less room while it is too long, and with more while much is left.
    private static Outcome<(JsonText Json, ContextSource Shown)> WithinBudget(ContextSource source, int budget, long whole, long longest)
    {
        var bytes = whole - Math.Min(6 * 1024, whole / 4);
        var tooMuch = whole;
        (JsonText Json, ContextWriter Writer, long Bytes)? best = null;
        ContextWriter? before = null;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (json, writer) = WriteBounded(source, bytes, longest, bytes == 0 ? 0 : whole, before);
            before = writer;
            var over = json.Length - whole;
            if (over <= 0)
            {
                best = best is { } known && known.Json.Length >= json.Length ? best : (json, writer, bytes);
                if (!writer._cuts.HasMissing || -over <= whole / 32)
                {
                    break;
                }

                bytes = Math.Min(bytes - over, (bytes + tooMuch) / 2);
            }
            else if (bytes == 0)
            {
                break;
            }
            else
            {
                tooMuch = Math.Min(tooMuch, bytes);
                bytes = best is { } fitting ? (fitting.Bytes + bytes) / 2
                    : attempt == MaxAttempts - 1 ? 0
                    : Math.Max(0, bytes - over - (over / 4) - 64);
            }

            if (best is { } found && bytes - found.Bytes < 64)
            {
                break;
            }
        }

        return best is { } chosen
            ? (chosen.Json, chosen.Writer._source)
            : TooSmall(budget, WriteBounded(source, bytes: 0, longest, whole: 0, before, hasAllDirected: true).Json.Length);
    }

    private static (JsonText Json, ContextWriter Writer) WriteBounded(ContextSource source, long bytes, long longest, long whole, ContextWriter? before, bool hasAllDirected = false)
    {
        var writer = new ContextWriter(source, bytes, longest, isBounded: true, whole, before, hasAllDirected);
        var json = JsonText.Write(writer, static (json, context) => context.WriteWhole(json));
        return (Compacted(json, source), writer);
    }

    private static SyncError TooSmall(int budget, long needed)
    {
        // What is counted differs by some digits from read to read.
        var minimum = TokenEstimate.TokensOf(needed) + 25;
        return new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"A budget of {budget} tokens is too small for this context: the unread messages to you and your agent, or one part of what is asked for, need more."))
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
            sum += LengthOf(all[isForward ? fits : all.Count - 1 - fits]);
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

    // Within a budget: those directed to the reader that it has not read come first, then the newest, all in their order.
    private static ContextSource WithMessagesThatMatter(ContextSource source, long share, long half, bool hasAllDirected)
    {
        bool IsDirected(Message message) => message.IsUnreadBy(source.Self, source.Cursor) && message.To.Contains(source.Self!); // Unread by nobody where there is no reader.
        var kept = new HashSet<long>();
        long sum = 0;
        foreach (var message in source.Messages.Reverse().OrderByDescending(IsDirected))
        {
            var most = !IsDirected(message) ? share
                : kept.Count == 0 || hasAllDirected ? Math.Max(NeededMessages, half)
                : Math.Max(share, half);
            if (sum + LengthOf(message) <= most || (kept.Count == 0 && source.Shape.Single == ContextSection.Messages))
            {
                sum += LengthOf(message);
                kept.Add(message.Seq);
            }
            else if (!IsDirected(message))
            {
                break;
            }
        }

        return kept.Count == source.Messages.Count ? source : source with
        {
            Messages = [.. source.Messages.Where(message => kept.Contains(message.Seq))],
            MessagesCut = source.MessagesCut + source.Messages.Count - kept.Count,
        };
    }

    private readonly List<JsonObject> _attention = [];
    private readonly Cuts _cuts;

    // Scopes that are cut whole and named together, and what is left for their names.
    private readonly List<(string Name, long Missing)> _cutScopes = [];
    private long _namesLeft;

    // Whether anything of the state is there.
    private bool _hasState;

    // The last scope of the state that is here or named: where a page of the others begins.
    private string? _lastScope;

    // Those that are not.
    private readonly List<string> _furtherScopes = [];

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

        if (_source.Shape.Include.HasFlag(ContextExtras.History))
        {
            WriteHistory(writer);
        }

        if (_source.Changed is not null && !_source.Shape.IsLogAlone)
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
        new("limit", _source.Shape.PagesLog ? null : _source.Shape.Limit),
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
        NoteNames(ContextSection.Agents, State.Agents.Values.Where(_reader.IsVisible).Select(static agent => agent.Id));
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
