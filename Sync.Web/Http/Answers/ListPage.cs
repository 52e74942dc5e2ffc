using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Http.Answers;

/// <summary>
/// Lists as pages: <c>{NAME: […], total, next_after?}</c>. A page ends at <c>limit</c>, or earlier where an answer has as many bytes as it may; the next one begins
/// <c>after</c> the id that its end names.
/// </summary>
internal static class ListPage
{
    public const int Default = 200;
    public const int Max = 1000;

    // What stands around the items.
    private const int Frame = 1024;

    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Its query parameters.</summary>
    public static ImmutableArray<ApiParameter> Query { get; } =
    [
        new("limit", "integer", $"At most so many (default {Default}, at most {Max})."),
        new("after", "string", "Begin after the one of this id: the `next_after` of the page before."),
    ];

    /// <summary>A page of a list that is at hand.</summary>
    public static Outcome<ApiAnswer> Of<T, TJson>(ApiCall call, string name, IReadOnlyList<T> all, Func<T, string> id, Func<T, TJson> json, JsonTypeInfo<TJson> type)
    {
        if (!call.Integer("limit", Default, 1, Max).Try(out var limit, out var error))
        {
            return error;
        }

        var from = 0;
        if (call.Query("after") is { } after)
        {
            for (; from < all.Count && id(all[from]) != after; from++)
            {
            }

            if (from++ == all.Count)
            {
                return Refusals.Parameter("after", "'after' names none of the list.") with { Hint = "What it named may be gone: leave 'after' out to begin again." };
            }
        }

        return Of(call, name, all.Skip(from).Take((int)limit), all.Count, all.Count - from, id, json, type);
    }

    /// <summary>A page of which the items are at hand.</summary>
    /// <param name="call">The request.</param>
    /// <param name="name">The list's name.</param>
    /// <param name="items">The page's items, as many as were asked for.</param>
    /// <param name="total">How many the whole list has.</param>
    /// <param name="left">How many it has from the page's beginning.</param>
    /// <param name="id">An item's id.</param>
    /// <param name="json">An item as it is written.</param>
    /// <param name="type">How.</param>
    /// <param name="more">Writes what stands beside the list, a few hundred bytes.</param>
    public static ApiAnswer Of<T, TJson>(
        ApiCall call, string name, IEnumerable<T> items, int total, int left, Func<T, string> id, Func<T, TJson> json, JsonTypeInfo<TJson> type, Action<Utf8JsonWriter>? more = null)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        var shown = 0;
        string? last = null;
        writer.WriteStartObject();
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            var written = JsonSerializer.SerializeToUtf8Bytes(json(item), type);
            if (shown > 0 && writer.BytesCommitted + writer.BytesPending + written.Length + Frame > call.Options.Limits.Room.AnswerBytes)
            {
                break;
            }

            writer.WriteRawValue(written, skipInputValidation: true);
            shown++;
            last = id(item);
        }

        writer.WriteEndArray();
        writer.WriteNumber("total", total);
        if (shown < left && last is not null)
        {
            writer.WriteString("next_after", last);
        }

        more?.Invoke(writer);
        writer.WriteEndObject();
        writer.Flush();
        return ApiAnswer.Of(buffer.WrittenMemory);
    }
}
