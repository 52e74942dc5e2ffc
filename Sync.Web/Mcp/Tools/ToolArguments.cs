using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Actions;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Tools;

/// <summary>
/// The arguments of a call as the tool's forms mean them. Models fill in what they have no value for, write JSON as text and numbers as strings; that is accepted where it can mean one
/// thing only, and here alone, so that no tool knows of it. What can mean two things is left as it is, for the tool or the engine to refuse in its own words.
/// </summary>
internal static class ToolArguments
{
    // Longer calls are described and not repeated in a hint.
    private const int MaxRepeated = 1_000;

    /// <summary>Reads the arguments: unknown names and absent required ones are refused with the call that was meant, as far as it can be told.</summary>
    public static Outcome<Dictionary<string, JsonElement>> Read(ToolDefinition tool, IDictionary<string, JsonElement> given)
    {
        foreach (var name in given.Keys)
        {
            if (!tool.Forms.ContainsKey(name))
            {
                return Unknown(tool, given, name);
            }
        }

        var read = new Dictionary<string, JsonElement>(given.Count, StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            if (IsAbsent(tool, name, value))
            {
                continue;
            }

            if (!Coerce(tool.Forms[name], value, name).Try(out var meant, out var error))
            {
                return error;
            }

            read.Add(name, meant);
        }

        foreach (var name in tool.Required)
        {
            if (!read.ContainsKey(name))
            {
                return Missing(tool, read, name);
            }
        }

        return read.TryGetValue("room", out var room) && CheckRoom(tool, read, room) is { } noRoom ? noRoom : read;
    }

    /// <summary>A room's id as it was meant: without blanks around it and without the '#' of a channel.</summary>
    public static string RoomOf(string text)
    {
        var trimmed = text.AsSpan().Trim();
        trimmed = trimmed.StartsWith('#') ? trimmed[1..] : trimmed;
        return trimmed.Length == text.Length ? text : trimmed.ToString();
    }

    /// <summary>A call as text: the tool's name and its arguments, or null where that is too long to be repeated.</summary>
    private static string? CallOf(ToolDefinition tool, IEnumerable<KeyValuePair<string, JsonElement>> arguments)
    {
        var json = ToolJson.Object(arguments);
        return json.Length > MaxRepeated ? null : $"{tool.Name} {Encoding.UTF8.GetString(json.Span)}";
    }

    // An empty text is a value only where any JSON is one and something has to stand there.
    private static bool IsAbsent(ToolDefinition tool, string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => true,
        JsonValueKind.String => value.ValueEquals(""u8) && !(tool.Forms[name].Kind == ArgumentKind.Any && tool.Required.Contains(name)),
        _ => false,
    };

    private static Outcome<JsonElement> Coerce(ArgumentForm form, JsonElement value, string name) => (form.Kind, value.ValueKind) switch
    {
        (ArgumentKind.Room, JsonValueKind.String) => RoomOf(Text(value)) is var room && room == Text(value) ? value : JsonSerializer.SerializeToElement(room),
        (ArgumentKind.Cel, JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number) or (ArgumentKind.Cursor, JsonValueKind.Number) => JsonSerializer.SerializeToElement(value.GetRawText()),
        (ArgumentKind.Words, JsonValueKind.String) when IsJson(value, '[') => Parsed(form, value, name, JsonValueKind.Array),
        (ArgumentKind.Words, JsonValueKind.Array) when value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) => JsonSerializer.SerializeToElement(string.Join(',', value.EnumerateArray().Select(Text))),
        (ArgumentKind.Integer, JsonValueKind.String or JsonValueKind.Number) => Whole(value),
        (ArgumentKind.Switch, JsonValueKind.String) => Boolean(value),
        (ArgumentKind.Object, JsonValueKind.String) when IsJson(value, '{') => Parsed(form, value, name, JsonValueKind.Object),
        (ArgumentKind.Object, JsonValueKind.Object) when form.Members.Count > 0 => Members(form, value, name),
        (ArgumentKind.List or ArgumentKind.Ids, JsonValueKind.String) when IsJson(value, '[') => Parsed(form, value, name, JsonValueKind.Array),
        (ArgumentKind.Ids, JsonValueKind.String) => Items(form, Text(value).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static id => JsonSerializer.SerializeToElement(id)), name),
        (ArgumentKind.List, JsonValueKind.String) when form.Item?.Kind == ArgumentKind.Text || IsJson(value, '{') => Items(form, [value], name),
        (ArgumentKind.List, JsonValueKind.Object) when form.Item?.Kind == ArgumentKind.Object => Items(form, [value], name),
        (ArgumentKind.List or ArgumentKind.Ids, JsonValueKind.Array) => Items(form, value.EnumerateArray(), name),
        _ => value,
    };

    private static Outcome<JsonElement> Parsed(ArgumentForm form, JsonElement text, string name, JsonValueKind kind)
    {
        if (StrictJson.Parse(Encoding.UTF8.GetBytes(Text(text))).Try(out var json, out var malformed) && json.ValueKind == kind)
        {
            return Coerce(form, json, name);
        }

        return Refusals.Parameter(name, $"'{name}' is text that begins like JSON and is none{(malformed is null ? "" : $": {malformed.Message}")}") with { Hint = $"Send {StrictJson.Describe(kind)} itself, not text of it." };
    }

    private static Outcome<JsonElement> Items(ArgumentForm form, IEnumerable<JsonElement> items, string name)
    {
        var read = new List<JsonElement>();
        foreach (var item in items)
        {
            if (!(form.Item is { } inner ? Coerce(inner, item, name) : item).Try(out var meant, out var error))
            {
                return error;
            }

            read.Add(meant);
        }

        return JsonSerializer.SerializeToElement(read);
    }

    // What is described of an object; the rest of it is the engine's matter, an empty text and null too.
    private static Outcome<JsonElement> Members(ArgumentForm form, JsonElement value, string name)
    {
        var read = new List<KeyValuePair<string, JsonElement>>();
        foreach (var member in value.EnumerateObject())
        {
            if (!(form.Members.TryGetValue(member.Name, out var inner) ? Coerce(inner, member.Value, $"{name}.{member.Name}") : member.Value).Try(out var meant, out var error))
            {
                return error;
            }

            read.Add(new(member.Name, meant));
        }

        return JsonElement.Parse(ToolJson.Object(read).Span);
    }

    // 50, "50", 50.0 and "50.0" are the same number; whatever is not whole is refused by who wants it.
    private static JsonElement Whole(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? Text(value).Trim() : value.GetRawText();
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue
                ? JsonSerializer.SerializeToElement((long)number)
                : value;
    }

    private static JsonElement Boolean(JsonElement value) =>
        bool.TryParse(Text(value), out var boolean) ? JsonSerializer.SerializeToElement(boolean) : value;

    private static bool IsJson(JsonElement value, char opening) => Text(value).AsSpan().TrimStart().StartsWith(opening);

    private static string Text(JsonElement value) => value.GetString() ?? "";

    private static SyncError Unknown(ToolDefinition tool, IDictionary<string, JsonElement> given, string unknown)
    {
        var meant = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var inside = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        string? nearest = null;
        var isWhole = true;
        foreach (var (name, value) in given)
        {
            if (tool.Forms.ContainsKey(name))
            {
                meant[name] = value;
            }
            else if (NearestName.Of(name, tool.Arguments.Where(argument => !given.ContainsKey(argument) && !meant.ContainsKey(argument))) is { } near)
            {
                meant[near] = value;
                nearest = name == unknown ? near : nearest;
            }
            else
            {
                inside[name] = value;
                isWhole &= tool.TakesParams;
            }
        }

        var refusal = Refusals.UnknownField(unknown, tool.Arguments).WithSuggestion(nearest);
        if (inside.Count > 0 && tool.TakesParams)
        {
            PutInside(meant, inside);
        }

        if (isWhole && CallOf(tool, meant) is { } call)
        {
            return refusal with { Hint = nearest is not null ? $"Did you mean '{nearest}'? Send {call}." : $"What the action takes goes into 'params': {call}." };
        }

        if (tool.DefinesSomething && ActionService.FieldMeant(unknown) is { } otherwise)
        {
            return refusal with { Hint = otherwise };
        }

        var known = $"Known here: {string.Join(", ", tool.Arguments)}.";
        return refusal with { Hint = nearest is null ? known : $"Did you mean '{nearest}'? {known}" };
    }

    private static void PutInside(Dictionary<string, JsonElement> call, Dictionary<string, JsonElement> inside)
    {
        if (call.TryGetValue("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in parameters.EnumerateObject())
            {
                inside.TryAdd(member.Name, member.Value);
            }
        }

        call["params"] = JsonSerializer.SerializeToElement(inside);
    }

    // A whole call wrapped into one of its own arguments is told apart from one that lacks something.
    private static SyncError Missing(ToolDefinition tool, Dictionary<string, JsonElement> read, string missing)
    {
        var call = new Dictionary<string, JsonElement>(read, StringComparer.Ordinal);
        var wrapped = read.FirstOrDefault(argument => argument.Value.ValueKind == JsonValueKind.Object && tool.Required.All(name => read.ContainsKey(name) || argument.Value.TryGetProperty(name, out _)));
        if (wrapped.Key is not null && wrapped.Value.EnumerateObject().All(member => tool.Forms.ContainsKey(member.Name)))
        {
            call.Remove(wrapped.Key);
            foreach (var member in wrapped.Value.EnumerateObject())
            {
                call[member.Name] = member.Value;
            }
        }

        foreach (var name in tool.Required.Where(name => !call.ContainsKey(name)))
        {
            // As in the tool's own example, so that the call works as it is.
            call[name] = name == "expr" && ShowsActions(read) ? JsonSerializer.SerializeToElement("true")
                : tool.Example.TryGetProperty(name, out var example) ? example : JsonSerializer.SerializeToElement("…");
        }

        return Refusals.Missing(missing, CallOf(tool, call) ?? $"{{{string.Join(", ", tool.Required.Select(static required => $"\"{required}\": …"))}}}");
    }

    // A surface of actions shows no value.
    private static bool ShowsActions(Dictionary<string, JsonElement> read) =>
        read.TryGetValue("render", out var render) && render.ValueKind == JsonValueKind.Object && render.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String && type.GetString()!.StartsWith("action-", StringComparison.Ordinal); // It is a string.

    private static SyncError? CheckRoom(ToolDefinition tool, Dictionary<string, JsonElement> read, JsonElement room)
    {
        if (room.ValueKind != JsonValueKind.String)
        {
            return Refusals.Parameter("room", "'room' must be a string, the room's id.") with { Next = [NextStep.ListRooms] };
        }

        if (IdInAddress(Text(room)) is not { } id)
        {
            return null;
        }

        var call = CallOf(tool, read.Select(argument => argument.Key == "room" ? new("room", JsonSerializer.SerializeToElement(id)) : argument));
        return Refusals.Parameter("room", "'room' is a room's id, not an address.") with { Hint = call is null ? $"Send \"room\": \"{VisibleText.Of(id)}\"." : $"Send {call}." };
    }

    // An address may be of another server, which has other rooms: the id in it is advised and not taken.
    private static string? IdInAddress(string text)
    {
        if (!text.Contains('/', StringComparison.Ordinal))
        {
            return null;
        }

        var path = text.Split('?', '#')[0];
        var at = path.IndexOf("rooms/", StringComparison.Ordinal);
        var id = at >= 0 ? path[(at + "rooms/".Length)..].Split('/')[0]
            : text.Split("room=", 2) is [_, var query] ? query.Split('&', '#')[0]
            : path.TrimEnd('/').Split('/')[^1];
        return id.Length is > 0 and <= 64 ? Uri.UnescapeDataString(id) : null;
    }
}
