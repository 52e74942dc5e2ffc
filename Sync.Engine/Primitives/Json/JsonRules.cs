using System.Runtime.InteropServices;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// The bounds of JSON that somebody sends or an action makes. They are checked where values come in, once and on every surface; what a log holds is never checked again and is only shown within bounds.
/// </summary>
internal static class JsonRules
{
    /// <summary>The most that an operator may allow as the depth of a value. What surrounds values in answers comes on top, and answers nest at most 64 deep.</summary>
    public const int MaxDepth = 48;

    /// <summary>How deep a value is shown that is deeper than it could be today: what lies below is cut. With what surrounds it in any answer it stays within 64.</summary>
    public const int MaxShownDepth = 56;

    // From so many names on, a table finds a second one sooner than comparing each with each.
    private const int FewNames = 16;

    /// <summary>How deep lists and objects stand in each other; 0 for what is neither.</summary>
    public static int Depth(ReadOnlySpan<byte> json)
    {
        var (depth, deepest) = (0, 0);
        while (json.IndexOfAny("\"[]{}"u8) is >= 0 and var at)
        {
            switch (json[at])
            {
                case (byte)'"':
                    at = EndOfString(json, at);
                    break;
                case (byte)'[' or (byte)'{':
                    deepest = Math.Max(deepest, ++depth);
                    break;
                default:
                    depth--;
                    break;
            }

            json = json[(at + 1)..];
        }

        return deepest;
    }

    /// <summary>
    /// Checks the members of an object: each at most <paramref name="depth"/> deep, and <paramref name="deeper"/> more levels for members whose form is given and that hold values below it.
    /// </summary>
    public static SyncError? CheckMembers(JsonElement body, int depth, Func<string, int>? deeper = null)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in body.EnumerateObject())
        {
            var levels = Depth(JsonMarshal.GetRawUtf8Value(member.Value));
            var max = depth + (deeper?.Invoke(member.Name) ?? 0);
            if (levels > max)
            {
                return TooDeep($"'{Identifiers.Shown(member.Name)}'", levels, max).With("param", Identifiers.Shown(member.Name));
            }
        }

        return CheckForm(JsonMarshal.GetRawUtf8Value(body));
    }

    /// <summary>
    /// Checks what JSON leaves to chance: a name given twice in one object, a number that no double holds, half of a surrogate pair. The depth must be bounded already.
    /// </summary>
    public static SyncError? CheckForm(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.MaxReadDepth });
        List<string>? names = null;
        var objects = new Stack<(int First, HashSet<string>? Many)>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects.Push((names?.Count ?? 0, null));
                    break;
                case JsonTokenType.EndObject:
                    var (first, _) = objects.Pop();
                    names?.RemoveRange(first, names.Count - first);
                    break;
                case JsonTokenType.PropertyName:
                    if (Text(ref reader) is not { } name)
                    {
                        return HalfSurrogate;
                    }

                    if (!Add(names ??= [], objects, name))
                    {
                        return Repeated(name);
                    }

                    break;
                case JsonTokenType.String when reader.ValueIsEscaped && Text(ref reader) is null:
                    return HalfSurrogate;
                case JsonTokenType.Number when !reader.TryGetDouble(out var number) || !double.IsFinite(number):
                    return new SyncError(ErrorCode.InvalidJson, "A number is beyond what a double holds.") { Hint = "Numbers reach to about 1.8e308; send a larger one as text." };
            }
        }

        return null;
    }

    /// <summary>The refusal for an object that gives a name twice.</summary>
    public static SyncError Repeated(string name) => new(ErrorCode.InvalidJson, $"An object names '{Identifiers.Shown(name)}' twice.") { Hint = "Give each name once." };

    /// <summary>The refusal for a value that is too deep.</summary>
    public static SyncError TooDeep(string what, int levels, int max) =>
        new(ErrorCode.InvalidParam, $"{what} is nested {levels} levels deep; at most {max} are kept.") { Hint = "Flatten it, or spread it over several keys." };

    /// <summary>A stored value within <see cref="MaxShownDepth"/>: what lies deeper is replaced by a note. Null when it is within already.</summary>
    public static JsonText? Cut(JsonElement value) =>
        Depth(JsonMarshal.GetRawUtf8Value(value)) <= MaxShownDepth ? null : JsonText.Write(value, static (writer, v) => WriteCut(writer, v, MaxShownDepth));

    private static void WriteCut(Utf8JsonWriter writer, JsonElement value, int levels)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when levels <= 1:
                writer.WriteStartObject();
                writer.WriteString("_error"u8, $"What stood here is nested deeper than {MaxShownDepth} levels.");
                writer.WriteEndObject();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    WriteCut(writer, member.Value, levels - 1);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteCut(writer, item, levels - 1);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static SyncError HalfSurrogate => new(ErrorCode.InvalidJson, "A text escapes half of a surrogate pair.")
    {
        Hint = @"Write characters beyond U+FFFF as a pair of escapes (\ud83d\ude00) or as they are.",
    };

    private static bool Add(List<string> names, Stack<(int First, HashSet<string>? Many)> objects, string name)
    {
        var (first, many) = objects.Peek();
        if (many is null && names.Count - first >= FewNames)
        {
            many = new HashSet<string>(CollectionsMarshal.AsSpan(names)[first..].ToArray(), StringComparer.Ordinal);
            objects.Pop();
            objects.Push((first, many));
        }

        if (many?.Add(name) ?? !CollectionsMarshal.AsSpan(names)[first..].Contains(name))
        {
            names.Add(name);
            return true;
        }

        return false;
    }

    // The reader finds an unpaired surrogate only when the text is taken out, and says so by throwing.
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static int EndOfString(ReadOnlySpan<byte> json, int start)
    {
        for (var at = start + 1; ; at++)
        {
            at += json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[at] == (byte)'"')
            {
                return at;
            }

            at++;
        }
    }
}
