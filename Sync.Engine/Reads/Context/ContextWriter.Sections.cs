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

namespace Sync.Engine.Reads.Context;

/// <summary>The sections of a context, each written from its fragments.</summary>
internal sealed partial class ContextWriter
{
    private bool Shows(string scope, string? key) => _source.Changed is not { } changed || changed.Contains(new StateKey(scope, key));

    private void WriteState(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var wanted = _source.Shape.Scopes;
        var sawShared = false;
        var isPage = _source.Shape.IsPageOfScopes;
        foreach (var name in State.ScopeNames)
        {
            var isOwn = name == _source.Self;
            var listed = wanted.Contains(name);
            if ((ReservedScopes.IsSection(name) && !listed) || (isOwn && !_source.VisibleScopes.All) || !_source.VisibleScopes.Sees(name) || (!wanted.IsEmpty && !listed)
                || (isPage && string.CompareOrdinal(name, _source.Shape.After) <= 0))
            {
                continue;
            }

            sawShared |= name == ReservedScopes.Shared;
            WriteScope(writer, name, State.Scope(name)!);
            _lastScope = _cuts.FurtherScopes == 0 ? name : _lastScope;
        }

        if (!sawShared && !isPage && (wanted.IsEmpty || wanted.Contains(ReservedScopes.Shared)) && _source.Changed is null)
        {
            writer.WriteStartObject(ReservedScopes.Shared);
            writer.WriteEndObject();
        }

        if (_source.Self is { } self && (wanted.IsEmpty || wanted.Contains(ReservedScopes.Self) || wanted.Contains(self)))
        {
            WriteScope(writer, ReservedScopes.Self, State.Scope(self) ?? ScopeState.Empty(self));
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Audit))
        {
            WriteAudit(writer);
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Messages) && State.Scope(ReservedScopes.Messages) is { } messages)
        {
            WriteScope(writer, ReservedScopes.Messages, messages);
        }

        writer.WriteEndObject();
        _cuts.AddFurther(() => wanted.IsEmpty
            ? QueryOf(ContextSection.State, _lastScope ?? "")
            : QueryOf(wanted.SkipWhile(scope => scope != _firstFurther).Select(ContextPart.OfScope), after: null));
        if (!wanted.IsEmpty)
        {
            var others = State.ScopeNames.Where(n => !ReservedScopes.IsSection(n) && _source.VisibleScopes.Sees(n) && !wanted.Contains(n)).ToList();
            if (others.Count > 0)
            {
                _cuts.AddUnasked(ContextSection.State.Name(), NextStep.ReadPart(_source.Room, ContextSection.State), others);
            }
        }
    }

    private void WriteAudit(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(ReservedScopes.Audit);
        var shown = 0;
        foreach (var e in _source.Audit)
        {
            // One at least where nothing else was asked for, or nobody would get past it.
            var written = EventJson.Within(_longest, e, _source.VisibleScopes, withValues: false);
            if (!Takes(writer, written.Length) && !(shown == 0 && _sections is not null && _source.Shape.Scopes is [ReservedScopes.Audit]))
            {
                break;
            }

            written.WriteTo(writer);
            shown++;
        }

        writer.WriteEndArray();
        if (_source.Audit.Count > 0 && (shown < _source.Audit.Count || _source.IsAuditCut))
        {
            var before = shown == 0 ? _source.Audit[0].Seq + 1 : _source.Audit[shown - 1].Seq;
            CutSection(ReservedScopes.Audit, shown, before - 1, NextStep.ReadLog(_source.Room, before));
        }
    }

    // What the bound left out of a section. As long as everything fits nothing is cut here; but the log may have more than was read of it.
    private void CutSection(string section, long shown, long missing, NextStep query)
    {
        if (_sections is not null || !_isOver)
        {
            _cuts.Add(section, shown, missing, query);
        }
    }

    private void CutScope(string name, long shown, long missing, string? after)
    {
        if (_sections is null)
        {
            return;
        }

        var query = QueryOf(ContextPart.OfScope(name), after);
        if (ReservedScopes.IsSection(name))
        {
            _cuts.Add(ContextSection.State.Name(), shown, missing, query, name);
        }
        else if (!_cuts.TryName(name, shown, missing, query))
        {
            _firstFurther ??= name;
        }
    }

    // What is longer than any answer: its length is all that can be said of it here; an expression reads parts of it.
    private bool CutLong(ContextPart part, string name, long bytes)
    {
        _isOver |= _sections is null;
        return _sections is null || _cuts.TryNameLong(part.Section.Name(), part.Scope, name, bytes, QueryOf(part, name));
    }

    private void WriteScope(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        if (_source.Shape.Single == ContextSection.State && _sections is not null)
        {
            WritePage(writer, name, scope);
            return;
        }

        // What stands around each entry with its metadata is some hundred bytes more.
        if (_source.Changed is null && !Takes(writer, scope.Bytes + name.Length + (_source.Shape.Meta ? scope.Entries.Count * 300L : 0)))
        {
            CutScope(name, shown: 0, scope.Entries.Count, after: null);
            return;
        }

        if (_source.Changed is null && !_source.Shape.Meta && scope.Conditional == 0)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(scope.Json, skipInputValidation: true);
            return;
        }

        var entries = scope.Entries.Values.Where(e => Shows(scope.Name, e.Key) && _reader.IsVisible(e, scope.Name)).ToList();
        if (_source.Changed is not null && entries.Count == 0)
        {
            return;
        }

        if (_source.Changed is not null && !Takes(writer, entries.Sum(static entry => (long)entry.Value.Length + entry.Key.Length + 4)))
        {
            CutScope(name, shown: 0, entries.Count, after: null);
            return;
        }

        writer.WritePropertyName(name);
        if (!_source.Shape.Meta)
        {
            writer.WriteRawValue(ScopeState.Join(entries), skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        foreach (var entry in entries)
        {
            writer.WritePropertyName(entry.Key);
            WriteWithMeta(writer, entry);
        }

        writer.WriteEndObject();
    }

    // One scope, as many of its entries as fit: at least one, or nobody would get past it.
    private void WritePage(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        writer.WriteStartObject(name);
        var shown = 0;
        string? last = null;
        long missing = 0;
        foreach (var entry in scope.Entries.Values)
        {
            if (_source.Shape.After is { } after && KeyOrder.Instance.Compare(entry.Key, after) <= 0)
            {
                continue;
            }

            if (missing > 0 || !Shows(scope.Name, entry.Key) || !_reader.IsVisible(entry, scope.Name))
            {
                missing += missing > 0 ? 1 : 0;
                continue;
            }

            if (shown == _source.Shape.Limit || (!Takes(writer, entry.Value.Length + entry.Key.Length + (_source.Shape.Meta ? 300 : 4)) && shown > 0))
            {
                missing++;
                continue;
            }

            if (entry.Value.Length > _longest)
            {
                if (CutLong(ContextPart.OfScope(name), entry.Key, entry.Value.Length))
                {
                    last = entry.Key;
                }
                else
                {
                    missing++;
                }

                continue;
            }

            writer.WritePropertyName(entry.Key);
            if (_source.Shape.Meta)
            {
                WriteWithMeta(writer, entry);
            }
            else
            {
                entry.Value.WriteTo(writer);
            }

            shown++;
            last = entry.Key;
        }

        writer.WriteEndObject();
        if (missing > 0)
        {
            CutScope(name, shown, missing, last);
        }
    }

    private static void WriteWithMeta(Utf8JsonWriter writer, Entry entry)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("value"u8);
        entry.Value.WriteTo(writer);
        entry.WriteMeta(writer);
        writer.WriteEndObject();
    }

    /// <summary>
    /// The parts of a section in their order, as many as fit. Asked for by itself it is a page, which begins after a name, has at least one part and ends at the first that does
    /// not fit; beside others the parts that fit are there.
    /// </summary>
    private Parts PartsOf(ContextSection section) => new(this, section);

    private sealed class Parts(ContextWriter context, ContextSection section)
    {
        private readonly ContextShape _shape = context._source.Shape;
        private readonly bool _isPage = context._sections is not null && context._source.Shape.Single == section;
        private int _shown;
        private long _missing;
        private string? _last;

        /// <summary>Whether a part is to be written, of about this size.</summary>
        public bool Has(Utf8JsonWriter writer, string name, Func<long> length)
        {
            if (_isPage && _shape.After is { } after && string.CompareOrdinal(name, after) <= 0)
            {
                return false;
            }

            if (_isPage && (_missing > 0 || _shown == _shape.Limit))
            {
                _missing++;
                return false;
            }

            var size = length();
            if (size > context._longest)
            {
                if (context.CutLong(section, name, size))
                {
                    _last = name;
                }
                else
                {
                    _missing++;
                }

                return false;
            }

            if (!context.Takes(writer, size + name.Length + 8) && !(_isPage && _shown == 0))
            {
                _missing++;
                return false;
            }

            _shown++;
            _last = name;
            return true;
        }

        /// <summary>Says what is missing.</summary>
        public void End()
        {
            if (_missing > 0)
            {
                context.CutSection(section.Name(), _shown, _missing, context.QueryOf(section, _isPage ? _last : null));
            }
        }
    }

    private void WriteViews(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Views);
        foreach (var view in State.Views.Values)
        {
            if (!ViewValues.IsEnabled(_reader, view) || !ViewChanged(view))
            {
                continue;
            }

            ViewValue? found = null;
            if (!parts.Has(writer, view.Id, () => (found = ViewValues.Value(_reader, view).For(_source.VisibleScopes)).Json.Length + DefinitionLength(view.Description, view.Entry)))
            {
                continue;
            }

            var value = found ?? ViewValues.Value(_reader, view).For(_source.VisibleScopes);
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

        if (State.Targets.HasContested && parts.Has(writer, ReservedScopes.ContestedView, () => State.Targets.ContestedValue.Json.Length))
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
        foreach (var agent in State.Agents.Values)
        {
            // Presence moves without events, so an agent that is here counts as changed.
            if ((agent.Entry is null || _reader.IsVisible(agent.Entry, ReservedScopes.Agents))
                && (Shows(ReservedScopes.Agents, agent.Id) || AgentPresence.StatusOf(_source.Moment.Presence.Of(agent.Id), _source.Moment.Now) is AgentStatus.Active or AgentStatus.Waiting)
                && parts.Has(writer, agent.Id, () => 300 + (agent.Entry?.Value.Length ?? 0)))
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
        foreach (var action in State.Actions.Values)
        {
            if (action.IsShadowed)
            {
                _attention.Add(new JsonObject { ["kind"] = "reserved_id", ["action"] = action.Id, ["message"] = $"The room's own action '{action.Id}' has the id of a built-in one and is never run.", ["hint"] = "Delete it, or register it under another id." });
            }
            else if (ActionChanged(action) && parts.Has(writer, action.Id, () => 160 + DefinitionLength(action.Definition.Description, action.Entry)))
            {
                ActionJson.Write(writer, _reader, action, _source.Shape.Depth);
            }
        }

        if (_source.Changed is null)
        {
            foreach (var builtIn in BuiltIn.All)
            {
                if (_source.Shape.After is null)
                {
                    ActionJson.Write(writer, builtIn, _source.Level, _source.Shape.Depth);
                }
            }
        }

        writer.WriteEndObject();
        parts.End();
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
            // Where the context is written in shares, those that do not fit have been left out already.
            if (_sections is not null || Takes(writer, message.Entry.Value.Length + MessageJson.AddedBytes))
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
                new("since", shape.Since)));
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
        var invoked = _source.Audit.Where(static e => e.Kind is EventKind.Invoked).ToList();
        var before = (invoked.Count == 0 ? State.Seq : invoked[0].Seq) + 1;
        foreach (var e in invoked)
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
            if (!Takes(writer, written.Length))
            {
                break;
            }

            written.WriteTo(writer);
            before = e.Seq;
            shown++;
        }

        writer.WriteEndArray();
        if (shown < invoked.Count || _source.IsAuditCut)
        {
            CutSection(ContextExtraNames.Activity, shown, Math.Max(1, invoked.Count - shown), NextStep.ReadLog(_source.Room, before, ok: true));
        }

        writer.WriteEndObject();
    }
}
