using System.Globalization;
using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// A list of objects as lines of a log, newest first: when, who, what. The usual names of members say which is which; the hint's columns choose what the text is made of. Lines with a time go by it;
/// without any, the end of the list is the newest, as lists grow, unless the hint's <c>newest</c> is <c>first</c>.
/// </summary>
/// <param name="Lines">As many as asked for.</param>
/// <param name="Hidden">How many more there are.</param>
internal sealed record EventLogModel(IReadOnlyList<EventLine> Lines, int Hidden)
{
    private const int MaxItems = 10_000;
    private static readonly string[] s_when = ["at", "time", "timestamp", "ts", "date"];
    private static readonly string[] s_who = ["agent", "who", "by", "from", "author", "worker", "actor"];

    /// <param name="value">The value.</param>
    /// <param name="hint">The render hint.</param>
    /// <param name="pages">How many times its <c>max_rows</c> to show.</param>
    public static EventLogModel Of(JsonElement value, JsonElement hint, int pages = 1)
    {
        List<JsonElement> all = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
        var max = (int)Math.Clamp(hint.Number("max_rows") ?? 20, 1, 500) * Math.Max(pages, 1);
        var columns = hint.Items("columns").Select(column => column.ValueKind == JsonValueKind.String ? column.GetString() : column.Text("key")).OfType<string>().Take(30).ToList();
        var lines = new List<EventLine>();
        var characters = 0;
        foreach (var line in NewestFirst(all, hint).Take(max).Select(item => Line(item, columns)))
        {
            characters += line.Text.Length;
            if (lines.Count > 0 && characters > (long)Clip.Surface * pages)
            {
                break;
            }

            lines.Add(line);
        }

        return new EventLogModel(lines, all.Count - lines.Count);
    }

    private static IEnumerable<JsonElement> NewestFirst(List<JsonElement> all, JsonElement hint)
    {
        var items = hint.Text("newest") == "first" ? all.Take(MaxItems) : all.TakeLast(MaxItems).Reverse();
        var timed = items.Select(item => (Item: item, At: At(item))).ToList();

        // Sorting is stable: lines of one moment stay in the order of the list, and a line without a time stands where it is only if none has one.
        return timed.TrueForAll(line => line.At is null) ? timed.Select(line => line.Item) : timed.OrderByDescending(line => line.At ?? DateTimeOffset.MinValue).Select(line => line.Item);
    }

    private static DateTimeOffset? At(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object ? s_when.Select(name => Moment(item, name)).FirstOrDefault(moment => moment is not null) : null;

    private static EventLine Line(JsonElement item, List<string> columns)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return new EventLine(null, null, null, Clip.Text(JsonLayout.Plain(item), Clip.Title));
        }

        var when = s_when.FirstOrDefault(name => Moment(item, name) is not null);
        var who = s_who.FirstOrDefault(name => item.Text(name) is { Length: > 0 });
        var status = item.Text("status") ?? item.Text("kind");
        var text = columns.Count > 0
            ? columns.Select(name => item.Member(name) is { } value ? JsonLayout.Plain(value) : "")
            : item.EnumerateObject().Where(field => field.Name != when && field.Name != who && field.Name is not ("status" or "kind")).Select(field => JsonLayout.Plain(field.Value));
        return new EventLine(
            when is null ? null : Moment(item, when),
            who is null || columns.Contains(who) ? null : Clip.OfName(item.Text(who)),
            columns.Contains("status") || columns.Contains("kind") || status is null ? null : Clip.OfName(status),
            Clip.Text(string.Join(" · ", text.Where(part => part.Length > 0).Take(30)), Clip.Title));
    }

    private static DateTimeOffset? Moment(JsonElement item, string name) =>
        item.Text(name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}

/// <summary>A line of a log.</summary>
internal sealed record EventLine(DateTimeOffset? At, string? Who, string? Status, string Text);
