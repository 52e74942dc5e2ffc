using System.Globalization;
using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Options;

namespace Sync.Web.Http.Requests;

/// <summary>One request to an operation: who asks, what the path and query say, the body on demand. Reads are typed and refuse with a sentence.</summary>
internal sealed class ApiCall(HttpContext http, Caller caller, SyncEngine engine, SyncOptions options, string[] path)
{
    public HttpContext Http { get; } = http;

    public Caller Caller { get; } = caller.Through(ApiResponse.StepsOf(http));

    public SyncEngine Engine { get; } = engine;

    public SyncOptions Options { get; } = options;

    public TimeProvider Time => Http.RequestServices.GetRequiredService<TimeProvider>();

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The room named in the path: its first parameter.</summary>
    public string Room => path[0];

    /// <summary>A parameter of the path by its position, decoded.</summary>
    public string Path(int index) => path[index];

    /// <summary>A query parameter, or null where it is absent or empty.</summary>
    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>All query parameters that are not empty; each is given once.</summary>
    public IEnumerable<KeyValuePair<string, string>> Queries() => Http.Request.Query.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString())).Where(static pair => pair.Value.Length > 0);

    /// <summary>How many items the query asks for.</summary>
    public Outcome<int> Count(string name, CountBound bound) =>
        Query(name) is not { } text ? bound.Default
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var asked) ? bound.Check(name, asked)
        : bound.Refusal(name);

    /// <summary>A whole number from the query within bounds, or the default.</summary>
    public Outcome<long> Integer(string name, long byDefault, long minimum, long maximum)
    {
        if (Query(name) is not { } text)
        {
            return byDefault;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
            ? value
            : Refusals.Parameter(name, maximum == long.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number of at least {minimum}.")
                : string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number from {minimum} to {maximum}."));
    }

    /// <summary>A position in the room's log from the query, a cursor or the number of an event; null when it is absent.</summary>
    public Outcome<EventCursor?> Cursor(string name) =>
        Query(name) is not { } text ? (EventCursor?)null
        : EventCursor.Read(name, text).Try(out var cursor, out var error) ? (EventCursor?)cursor
        : error;

    /// <summary>The text fields of a body that is a JSON object or, as OAuth clients send it, a form. Fields of a form that are not known are passed over (RFC 6749 §3.1).</summary>
    public async ValueTask<Outcome<IReadOnlyDictionary<string, string>>> FieldsAsync(IReadOnlyCollection<string> known)
    {
        if (FormBody.IsOne(Http.Request))
        {
            return await FormBody.ReadAsync(Http.Request, Options.Limits, Time);
        }

        if (!(await BodyAsync()).Try(out var body, out var error) || (error = Refusals.CheckFields(body, known)) is not null)
        {
            return error;
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in known)
        {
            if (!Refusals.Text(body, name).Try(out var text, out error))
            {
                return error;
            }

            if (text is not null)
            {
                fields.Add(name, text);
            }
        }

        return fields;
    }

    /// <summary>The body as an object.</summary>
    public ValueTask<Outcome<JsonElement>> BodyAsync() => RequestBody.ReadObjectAsync(Http.Request, Options.Limits, Time);
}
