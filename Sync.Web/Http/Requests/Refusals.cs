using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Requests;

/// <summary>Refusals of what a request says before the engine sees it.</summary>
internal static class Refusals
{
    /// <summary>A parameter or field has a value it cannot have.</summary>
    public static SyncError Parameter(string name, string message) =>
        new SyncError(ErrorCode.InvalidParameter, message).With("parameter", name);

    /// <summary>A required field is absent.</summary>
    public static SyncError Missing(string name, string example) =>
        new SyncError(ErrorCode.MissingParam, $"'{name}' is missing.") { Hint = $"Send {example}." }.With("parameter", name);

    /// <summary>A query parameter this operation does not know.</summary>
    public static SyncError UnknownQuery(string name, IReadOnlyCollection<string> known)
    {
        var error = Parameter(Short(name), known.Count == 0 ? "This endpoint takes no query parameters." : $"There is no query parameter '{Short(name)}' here.");
        return WithNearest(error, name, known);
    }

    /// <summary>A body field this operation does not know.</summary>
    public static SyncError UnknownField(string name, IReadOnlyCollection<string> known) =>
        WithNearest(new SyncError(ErrorCode.UnknownField, $"There is no field '{Short(name)}' here.").With("field", Short(name)), name, known);

    /// <summary>A path that cannot be decoded.</summary>
    public static SyncError Path() => new(ErrorCode.InvalidId, "The path is not valid percent-encoded UTF-8.")
    {
        Hint = "Write a percent sign as %25, a slash within an id as %2F, and every other character as its UTF-8 bytes.",
    };

    /// <summary>The fields of a body: <c>unknown_field</c> when there is one that is not known.</summary>
    public static SyncError? CheckFields(JsonElement body, IReadOnlyCollection<string> known)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                return UnknownField(property.Name, known);
            }
        }

        return null;
    }

    /// <summary>
    /// Fields that narrow what a token may do and for how long: an empty text is refused there and not taken for absence, since a variable that a script forgot to set would widen the token.
    /// </summary>
    public static SyncError? CheckNarrowing(JsonElement body, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8))
            {
                return Parameter(name, $"'{name}' is empty.") with { Hint = $"Leave '{name}' out where the token is not to be narrowed by it." };
            }
        }

        return null;
    }

    /// <summary>A string field, or null when absent, null or empty; <c>invalid_parameter</c> for another type.</summary>
    public static Outcome<string?> Text(JsonElement body, string name)
    {
        if (!IsGiven(body, name, out var value))
        {
            return (string?)null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : Parameter(name, $"'{name}' must be a string, not {StrictJson.Describe(value.ValueKind)}.");
    }

    /// <summary>A field with a number of whole seconds, also as text, or null when absent, null or empty.</summary>
    public static Outcome<TimeSpan?> Seconds(JsonElement body, string name)
    {
        if (!IsGiven(body, name, out var value))
        {
            return (TimeSpan?)null;
        }

        // What a time span cannot hold is far beyond every limit that follows.
        return Whole(value) is { } seconds and > 0 and < 100_000_000_000
            ? TimeSpan.FromSeconds(seconds)
            : Parameter(name, $"'{name}' must be a positive whole number of seconds.");
    }

    /// <summary>A field with a position in a room's log, a cursor or the number of an event; null when absent, null or empty.</summary>
    public static Outcome<EventCursor?> Cursor(JsonElement body, string name) =>
        IsGiven(body, name, out var value) ? Cursor(name, value) : (EventCursor?)null;

    /// <summary>The same of a value that is given.</summary>
    public static Outcome<EventCursor?> Cursor(string name, JsonElement value) =>
        value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) ? Parameter(name, $"'{name}' must be a cursor or the number of an event, not {StrictJson.Describe(value.ValueKind)}.")
        : EventCursor.Read(name, value.ToString()).Try(out var cursor, out var error) ? (EventCursor?)cursor
        : error;

    /// <summary>A boolean field, also as text, or null when absent, null or empty.</summary>
    public static Outcome<bool?> Switch(JsonElement body, string name)
    {
        if (!IsGiven(body, name, out var value))
        {
            return (bool?)null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : value.ValueKind == JsonValueKind.String && value.ValueEquals("true"u8) ? true
            : value.ValueKind == JsonValueKind.String && value.ValueEquals("false"u8) ? false
            : Parameter(name, $"'{name}' must be true or false, not {StrictJson.Describe(value.ValueKind)}.");
    }

    /// <summary>A token where a query is: said where it goes, since addresses are logged and shared. It is not repeated.</summary>
    public static SyncError TokenInQuery(string name, string? room) =>
        Parameter(Short(name), "A token is no query parameter: addresses are logged and passed on.") with
        {
            Hint = "Send it as the header 'Authorization: Bearer TOKEN'." + (room is null ? "" : " In a browser it stands behind the # of the page's address."),
            Next = room is null ? [] : [NextStep.OpenRoom(room)],
        };

    // Forms and models fill in what they have no value for.
    private static bool IsGiven(JsonElement body, string name, out JsonElement value) =>
        body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8));

    private static long? Whole(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number) ? number
        : null;

    // What a client made up may be megabytes long.
    private static string Short(string name) => name.Length <= 80 ? name : name[..79] + "…";

    private static SyncError WithNearest(SyncError error, string name, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.Of(name, known);
        var hint = nearest is not null ? $"Did you mean '{nearest}'?"
            : known.Count > 0 ? "Known here: " + string.Join(", ", known) + "."
            : "Leave it out.";
        return (error with { Hint = hint }).WithSuggestion(nearest);
    }
}
