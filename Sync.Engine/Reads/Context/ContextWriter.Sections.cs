using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Actions;

namespace Sync.Engine.Reads.Context;

/// <summary>The sections of a context, each written from its fragments.</summary>
internal sealed partial class ContextWriter
{
    // Characters of a text that is too long.
    private const int MaxPiece = 10_000;

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

    /// <summary>
    /// The parts of a section in their order, as many as fit. Asked for by itself it is a page, which begins after a name and has at least one part; beside others the plan says which parts are
    /// there.
    /// </summary>
    private Parts PartsOf(ContextSection section) => new(this, section);

    private sealed class Parts(ContextWriter context, ContextSection section)
    {
        private readonly ContextPage? _page = context._isBounded && context._source.Shape.Single == section ? new ContextPage(context._source.Shape, StringComparer.Ordinal) : null;
        private int _count;
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
                _count++;
                return true;
            }

            _missing++;
            return false;
        }

        /// <summary>Says what is missing.</summary>
        /// <param name="further">Parts that were not even looked at.</param>
        public void End(int further = 0)
        {
            _missing += further;
            if (_page is { Missing: > 0 } page)
            {
                context.CutSection(section.Name(), page.Shown, page.Missing, context.QueryOf(context.AskedOf(section), page.Last));
            }
            else if (_missing > 0)
            {
                context.CutSection(section.Name(), _count, _missing, context.QueryOf(context.AskedOf(section), after: null));
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

    private void WriteViews(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Views);
        foreach (var view in _shown.Views())
        {
            // Only those that may be there are evaluated.
            if (parts.Skips(view.Id))
            {
                continue;
            }

            var value = ViewValues.Value(_reader, view).For(_source.VisibleScopes);
            if (!parts.Has(writer, view.Id, _shown.LengthOf(view, value), value.Json.Kind))
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

        if (_shown.HasContested && !parts.Skips(ReservedScopes.ContestedView) && parts.Has(writer, ReservedScopes.ContestedView, State.Targets.ContestedValue.Json.Length))
        {
            ViewJson.WriteContested(writer, State);
        }

        writer.WriteEndObject();
        parts.End();
    }

    private void WriteAgents(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Agents);
        foreach (var agent in _shown.Agents())
        {
            if (!parts.Skips(agent.Id) && parts.Has(writer, agent.Id, _shown.LengthOf(agent)))
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
            foreach (var (_, write) in _shown.Actions().Select(action => (action.Id, (Action)(() => WriteAction(writer, parts, action))))
                .Concat(_shown.BuiltIns().Select(builtIn => (builtIn.Id, (Action)(() => WriteBuiltIn(writer, parts, builtIn)))))
                .OrderBy(static one => one.Id, StringComparer.Ordinal))
            {
                write();
            }
        }
        else
        {
            foreach (var action in _shown.Actions())
            {
                WriteAction(writer, parts, action);
            }

            foreach (var builtIn in _shown.BuiltIns())
            {
                WriteBuiltIn(writer, parts, builtIn);
            }
        }

        writer.WriteEndObject();
        parts.End();
    }

    private void WriteAction(Utf8JsonWriter writer, Parts parts, ActionState action)
    {
        if (!parts.Skips(action.Id) && parts.Has(writer, action.Id, _shown.LengthOf(action)))
        {
            ActionJson.Write(writer, _reader, action, _source.Shape.Depth);
        }
    }

    private void WriteBuiltIn(Utf8JsonWriter writer, Parts parts, BuiltIn builtIn)
    {
        if (!parts.Skips(builtIn.Id) && parts.Has(writer, builtIn.Id, _shown.LengthOf(builtIn)))
        {
            ActionJson.Write(writer, _reader, builtIn, _source.Level, _source.Shape.Depth);
        }
    }

    private void WriteLeases(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var parts = PartsOf(ContextSection.Leases);
        foreach (var lease in _shown.Leases())
        {
            if (parts.Skips(lease.Key))
            {
                continue;
            }

            var full = _source.Shape.Depth != ContextDepth.Lean;
            JsonText? inShort = full || lease.Of(_source.Self) is not null ? null : LeaseFigures.InShort(lease, _source.Moment);
            if (!parts.Has(writer, lease.Key, inShort?.Length ?? LeaseFigures.LengthOf(lease, _source.Self)))
            {
                continue;
            }

            writer.WritePropertyName(lease.Key);
            if (inShort is { } json)
            {
                json.WriteTo(writer);
                continue;
            }

            writer.WriteStartObject();
            LeaseFigures.WriteFields(writer, lease, _source.Moment, _source.Self, full);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        parts.End(_shown.FurtherLeases);
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
            if (_isBounded || Takes(writer, FittingMessages.LengthOf(message)))
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
