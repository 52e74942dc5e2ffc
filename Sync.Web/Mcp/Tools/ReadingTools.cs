using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Waits;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Tools;

/// <summary>Reading a room: context, waits, help, evaluation.</summary>
internal static class ReadingTools
{
    public static ImmutableArray<ToolDefinition> All { get; } =
    [
        new()
        {
            Name = "sync_read_context", Title = "Read a room",
            Description = """
                The room now: state, views, agents, actions (what you can invoke), messages, _session (whom you embody). Cuts are named in _context.elided; pass _context.cursor as "since" for what changed. Example: {"room":"launch","only":"state,messages"}
                """,
            Input = """ "room":{"type":"string"},"event":{"type":"cursor","description":"this event of the log instead, its because and what followed"},"search":{"type":"string","description":"instead where these words are or were, newest first"},"before":{"type":"cursor","description":"next_before of a search"},""" + ContextParameters.ForTool(),
            Output = """ "state":{"type":"object"},"views":{"type":"object"},"agents":{"type":"object"},"actions":{"type":"object"},"messages":{"type":"object"},"_context":{"type":"object"} """,
            TakesAgent = true, Effect = ToolEffect.Reads, Needs = AccessLevel.Read,
            Handle = ReadAsync,
        },
        new()
        {
            Name = "sync_wait", Title = "Wait for a condition",
            Description = $$"""
                Block until a CEL condition is true, at most {{ToolCall.LongestWait.TotalSeconds}} s, then read. Use it instead of polling; on timeout call it again. Serve others with the example: act on the messages it gives, reply to each number in messages.to_answer with reply_to. context._context.cursor is the next "since". Example: {"room":"launch","condition":"messages.directed_unread > 0 || size(messages.to_answer) > 0","only":"messages","messages":"unread"}
                """,
            Input = $$""" "room":{"type":"string"},"condition":{"type":"cel","description":"CEL"},"timeout":{"type":"integer","minimum":0,"description":"ms, capped at {{ToolCall.LongestWait.TotalMilliseconds}}"},""" + ContextParameters.ForFurtherTool(without: "at"),
            Required = ["room", "condition"],
            Output = """ "triggered":{"type":"boolean"},"value":{},"woken_by":{"type":"integer"},"seq":{"type":"integer"},"cursor":{"type":"string"},"context":{"type":"object"} """,
            TakesAgent = true, Effect = ToolEffect.Reads, Needs = AccessLevel.Read,
            Handle = WaitAsync,
        },
        new()
        {
            Name = "sync_help", Title = "Read help",
            Description = """Guidance: without a key the list of keys, with one its text. Errors and _context.help name keys. With a room, its own texts too. Example: {"key":"vocabulary_bootstrap"}""",
            Input = """ "room":{"type":"string"},"key":{"type":"string","description":"guide, standard_library, expressions, errors, surfaces …"} """,
            Required = [],
            Output = """ "keys":{"type":"array","items":{"type":"string"}},"content":{},"version":{"type":"string"} """,
            Effect = ToolEffect.Reads, Needs = AccessLevel.Read,
            Handle = HelpAsync,
        },
        new()
        {
            Name = "sync_eval_cel", Title = "Evaluate CEL",
            Description = """Evaluate an expression in a room: try a condition, or compute without reading all. Example: {"room":"launch","expr":"state._votes.size()"}""",
            Input = """ "room":{"type":"string"},"expr":{"type":"cel"} """,
            Required = ["room", "expr"],
            Output = """ "expression":{"type":"string"},"value":{},"type":{"type":"string"} """,
            Effect = ToolEffect.Reads, Needs = AccessLevel.Read,
            Handle = EvalAsync,
        },
    ];

    private static async Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(ToolCall call) =>
        call.Argument("event").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) ? await ReadEventAsync(call)
        : call.Argument("search").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) ? await SearchAsync(call)
        : Shape(call).Try(out var shape, out var error) ? await call.Engine.Context.ReadAsync(call.Caller, call.Room, shape, call.Cancelled)
        : error;

    // Of the arguments that shape a context only those that page it say something of an event; and it reads no messages, peek or not.
    private static async Task<Outcome<ReadOnlyMemory<byte>>> ReadEventAsync(ToolCall call)
    {
        if (call.ArgumentsBut("room", "event", "after", "limit", "peek").FirstOrDefault().Key is { } other)
        {
            return Refusals.Parameter(other, $"'event' reads one event of the log, and '{other}' says nothing of that.") with { Hint = "Send 'event' with 'after' and 'limit' alone: they page what followed." };
        }

        if (!call.Cursor("event").Try(out var seq, out var error) || !call.Cursor("after").Try(out var after, out error))
        {
            return error;
        }

        if (!Limit(call, CountBound.Followed).Try(out var limit, out error))
        {
            return error;
        }

        return (await call.Engine.History.EventAsync(call.Caller, call.Room, seq!.Value, "event", after, limit, isLean: true, call.Cancelled)).Try(out var details, out error) // It is given.
            ? details.Json
            : error;
    }

    // As of an event, only what pages it: here back from the newest.
    private static async Task<Outcome<ReadOnlyMemory<byte>>> SearchAsync(ToolCall call)
    {
        if (call.ArgumentsBut("room", "search", "before", "limit", "peek").FirstOrDefault().Key is { } other)
        {
            return Refusals.Parameter(other, $"'search' finds words, and '{other}' says nothing of that.") with { Hint = "Send 'search' with 'before' and 'limit' alone: 'before' is 'next_before' of the answer before." };
        }

        return call.Text("search").Try(out var text, out var error) && call.Cursor("before").Try(out var before, out error) && Limit(call, CountBound.Search).Try(out var limit, out error)
            ? await call.Engine.History.SearchAsync(call.Caller, call.Room, text, before, limit ?? CountBound.Search.Default, call.Cancelled)
            : error;
    }

    private static Outcome<int?> Limit(ToolCall call, CountBound bound) =>
        Text(call, "limit") is not { } text ? (int?)null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? (int?)most
        : bound.Refusal("limit");

    // Some models write numbers as texts.
    private static string? Text(ToolCall call, string name) =>
        call.Argument(name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    private static async Task<Outcome<ReadOnlyMemory<byte>>> WaitAsync(ToolCall call)
    {
        if (!call.Needed("condition").Try(out var condition, out var error) || !Shape(call).Try(out var shape, out error) || !Timeout(call).Try(out var timeout, out error))
        {
            return error;
        }

        return await call.ParkedAsync(async ending =>
        {
            var waiting = call.Engine.Waits.WaitAsync(call.Caller, call.Room, condition, timeout, ToolCall.LongestWait, shape, ending);
            await WaitProgress.TellAsync(call, timeout, waiting, ending);
            return await waiting;
        });
    }

    // More than the longest is capped by the wait, which says so.
    private static Outcome<TimeSpan> Timeout(ToolCall call) =>
        WaitTime.Read(Text(call, "timeout")).Try(out var timeout, out var error) ? timeout ?? ToolCall.LongestWait : error;

    private static async Task<Outcome<ReadOnlyMemory<byte>>> HelpAsync(ToolCall call)
    {
        if (!call.Text("room").Try(out var room, out var error) || !call.Text("key").Try(out var key, out error))
        {
            return error;
        }

        return (await call.Engine.Context.HelpAsync(call.Caller, room, key, call.Cancelled)).Try(out var help, out error) ? help.Json : error;
    }

    private static async Task<Outcome<ReadOnlyMemory<byte>>> EvalAsync(ToolCall call) =>
        call.Needed("expr").Try(out var expression, out var error)
            ? await call.Engine.Context.EvalAsync(call.Caller, call.Room, expression, isLean: true, call.Cancelled)
            : error;

    private static Outcome<ContextShape> Shape(ToolCall call) =>
        ContextParameters.Read(call.ArgumentsBut("room", "timeout")).Try(out var parameters, out var error) && ContextShape.Parse(parameters, "condition").Try(out var shape, out error)
            ? shape with { IsLean = true } // A model pays for every byte.
            : error;
}
