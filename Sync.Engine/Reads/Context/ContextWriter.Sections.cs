using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Actions;

namespace Sync.Engine.Reads.Context;

/// <summary>The sections of a context, each written from its fragments.</summary>
internal sealed partial class ContextWriter
{
    // Characters of a text that is too long.
    private const int MaxPiece = 10_000;

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

    // A scope as 'only' names it, or those of its entries that are asked for.
    private static IEnumerable<ContextPart> PartsOf(string scope, SelectionNode? asked) =>
        asked is null or { IsWhole: true } ? [ContextPart.OfScope(scope)] : asked.Members.SelectMany(member => Ends(member.Value, [scope, member.Key]));

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

    // About how long a scope is, or some entries of it. What stands around each entry with its metadata is some hundred bytes more.
    private long LengthOf(string name, ScopeState scope, List<Entry>? entries)
    {
        var asked = _source.Selection.Of(ContextSection.State)?.Of(name);
        return name.Length + 8L + (entries is null
            ? scope.Bytes
            : entries.Sum(entry => ValueOf(entry, asked).Length + entry.Key.Length + 4L + (_source.Shape.Meta ? 300 : 0)));
    }

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
        && _reader.IsVisible(agent)
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
}
