using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Reads.History;

namespace Sync.Engine.Reads.Context;

/// <summary>The sections of a context, each written from its fragments.</summary>
internal sealed partial class ContextWriter
{
    // Characters of a text that is too long.
    private const int MaxPiece = 10_000;

    private bool Shows(string scope, string? key) => _source.Changed is not { } changed || changed.Contains(new StateKey(scope, key));

    // The scopes that are asked for and may be seen, as the state names them. The engine's own are there where they are named.
    private IEnumerable<(string Name, ScopeState Scope)> ShownScopes()
    {
        var asked = _source.Selection.Of(ContextSection.State);
        var after = _source.Shape.IsPageOfScopes ? _source.Shape.After : null;
        foreach (var name in State.ScopeNames)
        {
            var isNamed = asked?.Has(name) is true;
            if (_source.VisibleScopes.Sees(name) && (isNamed || (asked is null && !ReservedScopes.IsSection(name)))
                && (name != _source.Self || _source.VisibleScopes.All)
                && (after is null || string.CompareOrdinal(name, after) > 0))
            {
                yield return (name, State.Scope(name)!); // One of its names.
            }
        }

        if (_source.Self is { } self && _source.Selection.Has(ContextSection.State, ReservedScopes.Self))
        {
            yield return (ReservedScopes.Self, State.Scope(self) ?? ScopeState.Empty(self));
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Messages) && asked?.Has(ReservedScopes.Messages) is not true && State.Scope(ReservedScopes.Messages) is { } messages)
        {
            yield return (ReservedScopes.Messages, messages);
        }
    }

    private void WriteState(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var sawShared = _source.Changed is not null || _source.Shape.IsPageOfScopes || _source.Selection.Of(ContextSection.State) is { } asked && (!asked.Has(ReservedScopes.Shared) || asked.Of(ReservedScopes.Shared) is not null);
        foreach (var (name, scope) in ShownScopes())
        {
            if (!sawShared && string.CompareOrdinal(name, ReservedScopes.Shared) >= 0)
            {
                if (name != ReservedScopes.Shared)
                {
                    WriteNone(writer, ReservedScopes.Shared);
                }

                sawShared = true;
            }

            WriteScope(writer, name, scope);
            _lastScope = _furtherScopes.Count == 0 && name != ReservedScopes.Self && !ReservedScopes.IsSection(name) ? name : _lastScope;
        }

        if (!sawShared)
        {
            WriteNone(writer, ReservedScopes.Shared);
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Audit))
        {
            WriteAudit(writer);
        }

        writer.WriteEndObject();
        NoteCutScopes();
        _cuts.AddFurther(() => _source.Selection.Of(ContextSection.State) is { } named
            ? QueryOf(_furtherScopes.SelectMany(name => PartsOf(name, named.Of(name))), after: null)
            : QueryOf(ContextSection.State, _lastScope ?? ""));
    }

    // Within a budget the scopes that are not there at all are one note, whose query names them. Where nothing of what was named had room, the first is by itself: asked for alone it is a page,
    // which has at least one part.
    private void NoteCutScopes()
    {
        var alone = !_hasState && _source.Shape.Parts.Length > 0 ? 1 : 0;
        foreach (var scopes in (List<(string Name, long Missing)>[])[_cutScopes[..Math.Min(alone, _cutScopes.Count)], _cutScopes[Math.Min(alone, _cutScopes.Count)..]])
        {
            if (scopes.Count > 0)
            {
                _cuts.AddScopes([.. scopes.Select(static scope => scope.Name)], scopes.Sum(static scope => scope.Missing), QueryOf(scopes.Select(static scope => ContextPart.OfScope(scope.Name)), after: null));
            }
        }
    }

    private static void WriteNone(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteEndObject();
    }

    // A scope as 'only' names it, or those of its entries that are asked for.
    private static IEnumerable<ContextPart> PartsOf(string scope, SelectionNode? asked) =>
        asked is null or { IsWhole: true } ? [ContextPart.OfScope(scope)] : asked.Members.SelectMany(member => Ends(member.Value, [scope, member.Key]));

    private static IEnumerable<ContextPart> Ends(SelectionNode asked, string[] path) =>
        asked.IsWhole ? [ContextPart.Of(ContextSection.State, path)] : asked.Members.SelectMany(member => Ends(member.Value, [.. path, member.Key]));

    private void WriteAudit(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(ReservedScopes.Audit);
        var shown = 0;
        var share = ShareOfAudit;
        foreach (var e in _source.Audit.Events)
        {
            // One at least where nothing else was asked for, or nobody would get past it.
            var written = EventJson.Within(_longest, e, _source.VisibleScopes, withValues: false);
            if (!TakesExtra(writer, written.Length, ref share) && !(shown == 0 && _isBounded && _source.Shape.IsLogAlone))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        CutLog(ReservedScopes.Audit, _source.Audit, shown, ok: null);
    }

    // What the log has beyond what is shown of it: before it, or after it where it goes forward.
    private void CutLog(string section, LogPart log, int shown, bool? ok)
    {
        if (shown == log.Events.Count && !log.IsCut)
        {
            return;
        }

        var limit = _source.Shape.Limit;
        var last = shown == log.Events.Count ? log.Last : shown > 0 ? log.Events[shown - 1].Seq : null;
        if (_source.Shape.LogAfter is { } after)
        {
            CutSection(section, shown, State.Seq - (last ?? after), NextStep.ReadPart(
                _source.Room, ContextPart.OfScope(ReservedScopes.Audit), new("at", _source.Shape.At), new("after", last ?? after), new("limit", limit), new("budget", _source.Shape.Budget)));
        }
        else
        {
            var before = last ?? (log.Events.Count > 0 ? log.Events[0].Seq : State.Seq) + 1;
            CutSection(section, shown, before - 1, NextStep.ReadLog(_source.Room, before, ok, limit));
        }
    }

    // What the bound left out of a section. As long as everything fits nothing is cut here; but the log may have more than was read of it.
    private void CutSection(string section, long shown, long missing, NextStep query)
    {
        if (_isBounded || !_isOver)
        {
            _cuts.Add(section, shown, missing, query);
        }
    }

    // Of the extras, which no plan chooses among: their share first, then what nothing else has taken.
    private bool TakesExtra(Utf8JsonWriter writer, long length, ref long share)
    {
        if (!_isBounded)
        {
            return Takes(writer, length);
        }

        if (length <= share)
        {
            share -= length;
            return true;
        }

        return _plan?.TryTake(length) is true;
    }

    private void CutScope(string name, long shown, long missing, NextStep query)
    {
        if (!_isBounded)
        {
            return;
        }

        if (ReservedScopes.IsSection(name))
        {
            _cuts.Add(ContextSection.State.Name(), shown, missing, query, name);
        }
        else if (!_cuts.TryName(name, shown, missing, query))
        {
            _furtherScopes.Add(name);
        }
    }

    // Of a scope nothing is there.
    private void CutWhole(string name, long missing, NextStep query)
    {
        if (_source.Shape.Budget is null || ReservedScopes.IsSection(name))
        {
            CutScope(name, shown: 0, missing, query);
            return;
        }

        var length = ContextPart.OfScope(name).ToString().Length + 1;
        if (_furtherScopes.Count == 0 && (_cutScopes.Count == 0 || length <= _namesLeft))
        {
            _namesLeft -= length;
            _cutScopes.Add((name, missing));
        }
        else
        {
            _cuts.CountFurther(missing);
            _furtherScopes.Add(name);
        }
    }

    // What is longer than an answer like this may be: its length is all that can be said of it here. It can be read by itself, or else by an expression that takes a piece of it.
    private bool CutLong(ContextPart part, string name, long bytes, JsonValueKind kind)
    {
        _isOver |= !_isBounded;
        if (!_isBounded)
        {
            return true;
        }

        var itself = ContextPart.Of(part.Section, [.. part.Path.Select(static one => one.Text), name]);
        var isContainer = part.Section == ContextSection.State && kind is JsonValueKind.Object or JsonValueKind.Array;
        var query = _source.Shape.Budget is not null || isContainer
            ? NextStep.ReadPart(_source.Room, itself, new("meta", _source.Shape.Meta ? true : null), new("include", _source.Shape.WithPrivate ? ContextExtraNames.Private : null), new("at", _source.Shape.At))
            : NextStep.Evaluate(_source.Room, PieceOf(itself, bytes, kind));
        return _cuts.TryNameLong(part.Section.Name(), part.Path is [{ } scope, ..] ? scope.Text : null, string.Join('.', part.Path.Skip(1).Select(static one => one.Text).Append(name)), bytes, query);
    }

    // A piece of a long value that fits everywhere, as an expression. A text has at least one character for eight bytes.
    private static string PieceOf(ContextPart part, long bytes, JsonValueKind kind)
    {
        var path = part.Section.Name() + string.Concat(part.Path.Select(static name => $"[{JsonText.Of(name.Text)}]"));
        return kind switch
        {
            JsonValueKind.String => string.Create(CultureInfo.InvariantCulture, $"{path}.substring(0, {Math.Min(MaxPiece, bytes / 8)})"),
            JsonValueKind.Array => $"{path}.slice(0, 1)",
            _ => $"{path}.keys()",
        };
    }

    private void WriteScope(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        var asked = _source.Selection.Of(ContextSection.State)?.Of(name);
        if (_source.Shape.Single == ContextSection.State && _isBounded)
        {
            WritePage(writer, name, scope);
            return;
        }

        var isWhole = asked is null && _source.Changed is null;
        if (isWhole && !_source.Shape.Meta && scope.Conditional == 0)
        {
            if (TakesScope(writer, name, LengthOf(name, scope, entries: null)))
            {
                _hasState = true;
                writer.WritePropertyName(name);
                writer.WriteRawValue(scope.Json, skipInputValidation: true);
            }
            else
            {
                WriteSome(writer, name, scope, EntriesOf(name, scope));
            }

            return;
        }

        var entries = EntriesOf(name, scope);
        if (entries.Count == 0 && !isWhole)
        {
            return;
        }

        if (TakesScope(writer, name, LengthOf(name, scope, entries)))
        {
            WriteEntries(writer, name, entries, asked);
        }
        else
        {
            WriteSome(writer, name, scope, entries);
        }
    }

    private bool TakesScope(Utf8JsonWriter writer, string name, long length) => _plan is { } plan ? plan.Keeps(ContextSection.State, name) : Takes(writer, length);

    // The entries of a scope that are asked for and visible, and have changed where only these are given.
    private List<Entry> EntriesOf(string name, ScopeState scope)
    {
        var asked = _source.Selection.Of(ContextSection.State)?.Of(name);
        var entries = asked is null ? scope.Entries.Values : asked.Members.Select(member => scope.Find(member.Key)).OfType<Entry>();
        return [.. entries.Where(entry => Shows(scope.Name, entry.Key) && _reader.IsVisible(entry, scope.Name))];
    }

    // About how long a scope is, or some entries of it. What stands around each entry with its metadata is some hundred bytes more.
    private long LengthOf(string name, ScopeState scope, List<Entry>? entries)
    {
        var asked = _source.Selection.Of(ContextSection.State)?.Of(name);
        return name.Length + 8L + (entries is null
            ? scope.Bytes
            : entries.Sum(entry => ValueOf(entry, asked).Length + entry.Key.Length + 4L + (_source.Shape.Meta ? 300 : 0)));
    }

    private static JsonText ValueOf(Entry entry, SelectionNode? asked) => asked?.Of(entry.Key) is not { } members ? entry.Value : JsonText.Write((entry, members), static (writer, t) =>
    {
        using var document = t.entry.Value.Parse();
        t.members.Write(writer, document.RootElement);
    });

    private void WriteEntries(Utf8JsonWriter writer, string name, List<Entry> entries, SelectionNode? asked)
    {
        _hasState = true;
        writer.WriteStartObject(name);
        foreach (var entry in entries)
        {
            writer.WritePropertyName(entry.Key);
            WriteEntry(writer, entry, ValueOf(entry, asked));
        }

        writer.WriteEndObject();
    }

    private void WriteEntry(Utf8JsonWriter writer, Entry entry, JsonText value)
    {
        if (!_source.Shape.Meta)
        {
            value.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName("value"u8);
        value.WriteTo(writer);
        entry.WriteMeta(writer);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Of a scope that does not fit, what there is room for. Where entries are asked for by name, the first that fit. Otherwise scopes are cut whole; but within a budget those entries that
    /// matter to the reader stay.
    /// </summary>
    private void WriteSome(Utf8JsonWriter writer, string name, ScopeState scope, List<Entry> entries)
    {
        if (_plan is not { } plan)
        {
            return;
        }

        var asked = _source.Selection.Of(ContextSection.State)?.Of(name);
        var some = asked is not null ? entries : _source.Shape.Budget is null || !_cuts.CanName ? [] : [.. entries
            .Select(entry => (Entry: entry, Salience: _salience!.Of(scope.Name, entry).Salience)) // A plan has it.
            .Where(static one => one.Salience != Salience.Quiet)
            .OrderByDescending(static one => one.Salience).ThenByDescending(static one => one.Entry.Seq)
            .Select(static one => one.Entry)];
        if (name == ReservedScopes.Shared && asked is null && _objective is { } objective)
        {
            // What the room is for comes before all else in it, and has its room kept.
            plan.Release(_objectiveBytes);
            some = [objective, .. some.Where(entry => entry.Key != objective.Key)];
        }

        var shown = some.Where(entry => plan.TryTake(ValueOf(entry, asked).Length + entry.Key.Length + (_source.Shape.Meta ? 304L : 4L))).OrderBy(static entry => entry.Key, KeyOrder.Instance).ToList();
        if (shown.Count > 0)
        {
            WriteEntries(writer, name, shown, asked);
        }

        if (shown.Count == entries.Count)
        {
            return;
        }

        if (asked is null)
        {
            var query = QueryOf(ContextPart.OfScope(name), after: null);
            if (shown.Count == 0)
            {
                CutWhole(name, entries.Count, query);
            }
            else if (!_cuts.CanName)
            {
                // The one part that is there whatever else can be named.
                _cuts.Add(ContextSection.State.Name(), shown.Count, entries.Count - shown.Count, query, name);
            }
            else
            {
                CutScope(name, shown.Count, entries.Count - shown.Count, query);
            }

            return;
        }

        // The first by itself where none fits: asked for alone it is a page, which has at least one part.
        var left = asked.Members.Where(member => entries.Exists(entry => entry.Key == member.Key) && !shown.Exists(entry => entry.Key == member.Key)).ToList();
        var alone = shown.Count == 0 ? 1 : left.Count;
        CutScope(name, shown.Count, alone, QueryOf(left.Take(alone).SelectMany(member => Ends(member.Value, [name, member.Key])), after: null));
        if (left.Count > alone)
        {
            CutScope(name, shown.Count, left.Count - alone, QueryOf(left.Skip(alone).SelectMany(member => Ends(member.Value, [name, member.Key])), after: null));
        }
    }

    // The one part that is asked for, as much of it as fits: the entries of a scope, or the members of a value. At least one, or nobody would get past it.
    private void WritePage(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        if (_source.Selection.SinglePath is [_, var key, .. var below])
        {
            if (scope.Find(key) is { } entry && Shows(scope.Name, key) && _reader.IsVisible(entry, scope.Name))
            {
                WriteValuePage(writer, name, entry, [.. below]);
            }

            return;
        }

        writer.WriteStartObject(name);
        var page = new ContextPage(_source.Shape, KeyOrder.Instance);
        foreach (var entry in scope.Entries.Values)
        {
            if (page.IsBefore(entry.Key) || !Shows(scope.Name, entry.Key) || !_reader.IsVisible(entry, scope.Name))
            {
                continue;
            }

            if (page.Takes(entry.Key, entry.Value.Length, _longest, fits: Takes(writer, entry.Value.Length + entry.Key.Length + (_source.Shape.Meta ? 300 : 4)), () => CutLong(ContextPart.OfScope(name), entry.Key, entry.Value.Length, entry.Value.Kind)))
            {
                writer.WritePropertyName(entry.Key);
                WriteEntry(writer, entry, entry.Value);
            }
        }

        writer.WriteEndObject();
        if (page.Missing > 0)
        {
            CutScope(name, page.Shown, page.Missing, QueryOf(ContextPart.OfScope(name), page.Last));
        }
    }

    // Members come in the order of keys, so that a page goes on where the last one ended whatever was written meanwhile.
    private void WriteValuePage(Utf8JsonWriter writer, string scope, Entry entry, string[] below)
    {
        using var document = entry.Value.Parse();
        JsonElement? found = document.RootElement;
        foreach (var member in below)
        {
            found = found is { } at ? SelectionNode.Member(at, member) : null;
        }

        if (found is not { } value)
        {
            return;
        }

        var part = ContextPart.Of(ContextSection.State, [scope, entry.Key, .. below]);
        var fits = value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || (_source.Shape is { Limit: null, After: null } && Takes(writer, entry.Value.Length + (_source.Shape.Meta ? 300 : 4)));
        if (fits && JsonText.Of(value).Length is var length && length > _longest)
        {
            CutLong(ContextPart.Of(ContextSection.State, [scope, entry.Key, .. below[..^Math.Min(1, below.Length)]]) is { } holder && below.Length > 0 ? holder : ContextPart.OfScope(scope), below.Length > 0 ? below[^1] : entry.Key, length, value.ValueKind);
            return;
        }

        var page = new ContextPage(_source.Shape, KeyOrder.Instance);
        var json = fits ? JsonText.Of(value) : JsonText.Write((this, value, part, page), static (writer, t) => t.Item1.WriteMembers(writer, t.value, t.part, t.page));
        writer.WriteStartObject(scope);
        writer.WritePropertyName(entry.Key);
        WriteEntry(writer, entry, Nested(below, json));
        writer.WriteEndObject();
        if (page.Missing > 0)
        {
            _cuts.Add(ContextSection.State.Name(), page.Shown, page.Missing, QueryOf(part, page.Last), scope, string.Join('.', below.Prepend(entry.Key)));
        }
    }

    private void WriteMembers(Utf8JsonWriter writer, JsonElement value, ContextPart part, ContextPage page)
    {
        var isList = value.ValueKind == JsonValueKind.Array;
        var members = isList
            ? value.EnumerateArray().Select(static (item, index) => (Name: index.ToString(CultureInfo.InvariantCulture), Value: item))
            : value.EnumerateObject().Select(static member => (member.Name, member.Value)).OrderBy(static member => member.Name, KeyOrder.Instance);
        if (isList)
        {
            writer.WriteStartArray();
        }
        else
        {
            writer.WriteStartObject();
        }

        foreach (var member in members.Where(member => !page.IsBefore(member.Name)))
        {
            var json = page.Missing > 0 ? JsonText.Null : JsonText.Of(member.Value);
            if (page.Takes(member.Name, json.Length, _longest, fits: Takes(writer, json.Length + member.Name.Length + 300), () => CutLong(part, member.Name, json.Length, member.Value.ValueKind)))
            {
                if (!isList)
                {
                    writer.WritePropertyName(member.Name);
                }

                json.WriteTo(writer);
            }
        }

        if (isList)
        {
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteEndObject();
        }
    }

    private static JsonText Nested(string[] below, JsonText value) => below.Length == 0 ? value : JsonText.Write((below, value), static (writer, t) =>
    {
        foreach (var name in t.below)
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
        }

        t.value.WriteTo(writer);
        foreach (var _ in t.below)
        {
            writer.WriteEndObject();
        }
    });

    /// <summary>
    /// The parts of a section in their order, as many as fit. Asked for by itself it is a page, which begins after a name and has at least one part; beside others the plan says which parts are
    /// there.
    /// </summary>
    private Parts PartsOf(ContextSection section) => new(this, section);

    private sealed class Parts(ContextWriter context, ContextSection section)
    {
        private readonly ContextPage? _page = context._isBounded && context._source.Shape.Single == section ? new ContextPage(context._source.Shape, StringComparer.Ordinal) : null;
        private int _shown;
        private long _missing;

        /// <summary>Whether they are a page, in the order of their names.</summary>
        public bool IsPage => _page is not null;

        /// <summary>Whether a part is left out whatever its size: it stands beside the page, or the plan has no room for it. Where it is missing it is counted.</summary>
        public bool Skips(string name)
        {
            if (_page is { } page)
            {
                return page.IsBefore(name) || page.EndsBefore();
            }

            if (context._plan is { } plan && !plan.Keeps(section, name))
            {
                _missing++;
                return true;
            }

            return false;
        }

        /// <summary>Whether a part that is not skipped is to be written, of about this size.</summary>
        public bool Has(Utf8JsonWriter writer, string name, long length, JsonValueKind kind = JsonValueKind.Object)
        {
            if (_page is { } page)
            {
                return HasOnPage(page, writer, name, length, kind);
            }

            if (context._plan is not null || context.Takes(writer, length + name.Length + 8))
            {
                _shown++;
                return true;
            }

            _missing++;
            return false;
        }

        /// <summary>Says what is missing.</summary>
        public void End()
        {
            if (_page is { Missing: > 0 } page)
            {
                context.CutSection(section.Name(), page.Shown, page.Missing, context.QueryOf(context.AskedOf(section), page.Last));
            }
            else if (_missing > 0)
            {
                context.CutSection(section.Name(), _shown, _missing, context.QueryOf(context.AskedOf(section), after: null));
            }
        }

        private bool HasOnPage(ContextPage page, Utf8JsonWriter writer, string name, long length, JsonValueKind kind)
        {
            var longest = section == ContextSection.Views || context._source.Shape.Budget is not null ? context._longest : context._answer;
            return page.Takes(name, length, longest, fits: context.Takes(writer, length + name.Length + 8), () => context.CutLong(section, name, length, kind));
        }
    }

    // A section as it was asked for: all of it, or the parts that were named.
    private IEnumerable<ContextPart> AskedOf(ContextSection section) =>
        _source.Selection.Of(section) is { } asked ? asked.Members.Select(member => ContextPart.Of(section, member.Key)) : [section];

    private IEnumerable<ViewDefinition> ShownViews() =>
        State.Views.Values.Where(view => _source.Selection.Has(ContextSection.Views, view.Id) && ViewValues.IsEnabled(_reader, view) && ViewChanged(view));

    private bool ShowsContested => State.Targets.HasContested && _source.Selection.Has(ContextSection.Views, ReservedScopes.ContestedView);

    // Presence moves without events, so an agent that is here counts as changed.
    private IEnumerable<AgentRecord> ShownAgents() => State.Agents.Values.Where(agent =>
        _source.Selection.Has(ContextSection.Agents, agent.Id)
        && (agent.Entry is null || _reader.IsVisible(agent.Entry, ReservedScopes.Agents))
        && (Shows(ReservedScopes.Agents, agent.Id) || AgentPresence.StatusOf(_source.Moment.Presence.Of(agent.Id), _source.Moment.Now) is AgentStatus.Active or AgentStatus.Waiting));

    private IEnumerable<ActionState> ShownActions() =>
        State.Actions.Values.Where(action => !action.IsShadowed && _source.Selection.Has(ContextSection.Actions, action.Id) && ActionChanged(action));

    // Where a surface has a call of its own for one, it is there only for who names it.
    private IEnumerable<BuiltIn> ShownBuiltIns() => _source.Changed is not null ? [] : BuiltIn.All.Where(builtIn =>
        _source.Selection.Of(ContextSection.Actions) is { } asked ? asked.Has(builtIn.Id) : !_source.Steps.HasOwnCall(builtIn.Id));

    // All that the plan chooses among, with its length and how much it matters. Within a budget the reader's own agent is always there, and its own scope before the others.
    private IEnumerable<PlannedPart> PlannedParts(ContextSalience salience)
    {
        foreach (var section in _source.Shape.Sections)
        {
            var parts = section switch
            {
                ContextSection.State => ShownScopes().Select(shown => (shown.Name, Entries: EntriesOf(shown.Name, shown.Scope), shown.Scope))
                    .Where(shown => shown.Entries.Count > 0 || (_source.Changed is null && _source.Selection.Of(ContextSection.State)?.Of(shown.Name) is null))
                    .Select(shown => (shown.Name, LengthOf(shown.Name, shown.Scope, shown.Entries), salience.Of(shown.Scope.Name, shown.Entries))),
                ContextSection.Views => ShownViews().Select(view => (view.Id, LengthOf(view), salience.Of(view)))
                    .Concat(ShowsContested ? [(ReservedScopes.ContestedView, State.Targets.ContestedValue.Json.Length + 100L, (Salience.Quiet, State.Seq))] : []),
                ContextSection.Agents => ShownAgents().Select(agent => (agent.Id, LengthOf(agent), salience.Of(agent))),
                ContextSection.Actions => ShownActions().Select(action => (action.Id, LengthOf(action), salience.Of(action)))
                    .Concat(ShownBuiltIns().Select(builtIn => (builtIn.Id, LengthOf(builtIn), (Salience.Quiet, 0L)))),
                _ => [],
            };
            foreach (var (name, length, (reasons, seq)) in parts)
            {
                var isOwn = _source.Shape.Budget is not null && section switch
                {
                    ContextSection.Agents => name == _source.Self,
                    ContextSection.State => name == ReservedScopes.Self || name == _source.Self,
                    _ => false,
                };
                yield return new PlannedPart(section, name, length + name.Length + 8, reasons, seq)
                {
                    Rank = !isOwn ? PlanRank.Other : section == ContextSection.Agents ? PlanRank.Needed : PlanRank.First,
                };
            }
        }
    }

    private long LengthOf(ViewDefinition view) => ViewValues.Value(_reader, view).For(_source.VisibleScopes).Json.Length + DefinitionLength(view.Description, view.Entry);

    private long LengthOf(AgentRecord agent) => _source.Shape.Depth == ContextDepth.Lean
        ? 190 + agent.Name.Length + agent.Role.Length + (_source.Moment.Presence.Of(agent.Id).WaitingOn?.Length ?? 0)
        : 300 + (agent.Entry?.Value.Length ?? 0);

    private long LengthOf(ActionState action) => 130 + DefinitionLength(action.Definition.Description, action.Entry);

    private long LengthOf(BuiltIn builtIn) => 60 + builtIn.Description.Length + (_source.Shape.Depth == ContextDepth.Lean ? 0 : builtIn.ParamsJson.Length);

    private void WriteViews(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Views);
        foreach (var view in ShownViews())
        {
            // Only those that may be there are evaluated.
            if (parts.Skips(view.Id))
            {
                continue;
            }

            var value = ViewValues.Value(_reader, view).For(_source.VisibleScopes);
            if (!parts.Has(writer, view.Id, value.Json.Length + DefinitionLength(view.Description, view.Entry), value.Json.Kind))
            {
                continue;
            }

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

            if (_source.Shape.Depth != ContextDepth.Lean)
            {
                ViewJson.WriteDefinition(writer, view);
            }

            writer.WriteEndObject();
        }

        if (ShowsContested && !parts.Skips(ReservedScopes.ContestedView) && parts.Has(writer, ReservedScopes.ContestedView, State.Targets.ContestedValue.Json.Length))
        {
            ViewJson.WriteContested(writer, State);
        }

        writer.WriteEndObject();
        parts.End();
    }

    private long DefinitionLength(string? description, Entry? entry) => (description?.Length ?? 0) + 40 + (_source.Shape.Depth == ContextDepth.Lean ? 0 : entry?.Value.Length ?? 0);

    private bool ViewChanged(ViewDefinition view)
    {
        if (_source.Changed is not { } changed)
        {
            return true;
        }

        return changed.Contains(new StateKey(ReservedScopes.Views, view.Id))
            || Moved(view.ReadsIn(State, _source.Self), changed)
            || (view.Enabled is { } enabled && Moved(enabled.ReadsIn(State, self: null), changed));
    }

    private static bool Moved(ReadSet reads, IReadOnlySet<StateKey> changed) => !reads.IsFixed || reads.Keys.Any(key =>
        key.Scope is null || (key.Key is null ? changed.Any(c => c.Scope == key.Scope) : changed.Contains(key)));

    private void WriteAgents(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Agents);
        foreach (var agent in ShownAgents())
        {
            if (!parts.Skips(agent.Id) && parts.Has(writer, agent.Id, LengthOf(agent)))
            {
                writer.WriteStartObject(agent.Id);
                AgentFigures.WriteFields(writer, agent, _source.Moment.Presence, _source.Moment.Now, _source.Shape.Depth != ContextDepth.Lean);
                _source.Session?.WriteMarks(writer, _source, agent);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
        parts.End();
    }

    private void WriteActions(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Actions);
        foreach (var action in State.Actions.Values.Where(static action => action.IsShadowed))
        {
            _attention.Add(new JsonObject { ["kind"] = "reserved_id", ["action"] = action.Id, ["message"] = $"The room's own action '{action.Id}' has the id of a built-in one and is never run.", ["hint"] = "Delete it, or register it under another id." });
        }

        if (parts.IsPage)
        {
            // In the one order that a page goes by.
            foreach (var (_, write) in ShownActions().Select(action => (action.Id, (Action)(() => WriteAction(writer, parts, action))))
                .Concat(ShownBuiltIns().Select(builtIn => (builtIn.Id, (Action)(() => WriteBuiltIn(writer, parts, builtIn)))))
                .OrderBy(static one => one.Id, StringComparer.Ordinal))
            {
                write();
            }
        }
        else
        {
            foreach (var action in ShownActions())
            {
                WriteAction(writer, parts, action);
            }

            foreach (var builtIn in ShownBuiltIns())
            {
                WriteBuiltIn(writer, parts, builtIn);
            }
        }

        writer.WriteEndObject();
        parts.End();
    }

    private void WriteAction(Utf8JsonWriter writer, Parts parts, ActionState action)
    {
        if (!parts.Skips(action.Id) && parts.Has(writer, action.Id, LengthOf(action)))
        {
            ActionJson.Write(writer, _reader, action, _source.Shape.Depth);
        }
    }

    private void WriteBuiltIn(Utf8JsonWriter writer, Parts parts, BuiltIn builtIn)
    {
        if (!parts.Skips(builtIn.Id) && parts.Has(writer, builtIn.Id, LengthOf(builtIn)))
        {
            ActionJson.Write(writer, builtIn, _source.Level, _source.Shape.Depth);
        }
    }

    private bool ActionChanged(ActionState action)
    {
        if (_source.Changed is not { } changed || changed.Contains(new StateKey(ReservedScopes.Actions, action.Id)))
        {
            return true;
        }

        // A cooldown and a timer end by the clock, without an event.
        return action.Definition.OnInvoke is not null || action.Entry.Timer is not null || Moved(action.Reads.In(State, _source.Self), changed);
    }

    private void WriteMessages(Utf8JsonWriter writer)
    {
        var window = State.Messages;
        writer.WriteStartObject();
        MessagesJson.WriteFigures(writer, window, _source.Self, _source.Cursor);
        writer.WriteStartArray("recent"u8);
        foreach (var message in _source.Messages)
        {
            // Where the context is bounded, those that do not fit have been left out already.
            if (_isBounded || Takes(writer, message.Entry.Value.Length + MessageJson.AddedBytes))
            {
                MessageJson.Write(writer, message, message.IsUnreadBy(_source.Self, _source.Cursor));
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        if (_source.MessagesCut > 0)
        {
            // Paged forward, what is missing is newer; otherwise it is older.
            var shape = _source.Shape;
            _cuts.Add(ContextSection.Messages.Name(), _source.Messages.Count, _source.MessagesCut, NextStep.ReadPart(
                _source.Room,
                ContextSection.Messages,
                new("messages", _source.IsUnreadOnly ? "unread" : null),
                new("messages_after", _source.IsForward ? _source.MessagesRead : 0),
                new("messages_limit", shape.MessagesLimit == ContextShape.Default.MessagesLimit ? null : shape.MessagesLimit),
                new("messages_kinds", shape.MessageKinds.IsEmpty ? null : string.Join(',', shape.MessageKinds)),
                new("at", shape.At),
                new("since", shape.Since),
                new("budget", shape.Budget)));
        }

        var open = _source.Self is { } self ? window.ToAnswer(self).Count : 0;
        if (open > MessagesJson.MaxNamed)
        {
            _cuts.Add($"{ContextSection.Messages.Name()}.{MessageFigures.ToAnswer}", MessagesJson.MaxNamed, open - MessagesJson.MaxNamed, NextStep.Evaluate(_source.Room, "messages.to_answer.map(m, m.seq)"));
        }
    }

    private void WriteActivity(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("recent"u8);
        var shown = 0;
        var share = ShareOfActivity;
        foreach (var e in _source.Activity.Events)
        {
            var written = JsonText.Write((e, _source.VisibleScopes), static (writer, t) =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("seq"u8, t.e.Seq);
                writer.WriteString("agent"u8, t.e.Agent);
                writer.WriteString("action"u8, t.e.Action);
                EventJson.WriteParams(writer, t.e, t.VisibleScopes);
                writer.WriteString("at"u8, t.e.At.UtcDateTime);
                writer.WriteEndObject();
            });
            if (!TakesExtra(writer, written.Length, ref share))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        CutLog(ContextExtraNames.Activity, _source.Activity, shown, ok: true);
        writer.WriteEndObject();
    }

    // The writes of the key, newest first. At least one: it is what was asked for.
    private void WriteHistory(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(ContextExtraNames.History);
        var (steps, more) = _source.History;
        var shown = 0;
        var share = ShareOfHistory;
        foreach (var step in steps)
        {
            var written = JsonText.Write((step, limit: new AnswerLimit(_longest / 2, _source.Steps, _source.Room)), static (writer, t) => KeyHistoryPage.Write(writer, t.step, t.limit));
            if (!TakesExtra(writer, written.Length, ref share) && !(shown == 0 && _isBounded))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        if (shown > 0 && (more || shown < steps.Count))
        {
            var last = steps[shown - 1];
            CutSection(ContextExtraNames.History, shown, Math.Max(1, last.Change.Revision - 1), NextStep.ReadParts(
                _source.Room, _source.Shape.Parts, new("include", ContextExtraNames.History), new("at", last.Event.Seq - 1), new("limit", _source.Shape.Limit), new("budget", _source.Shape.Budget)));
        }
    }
}
