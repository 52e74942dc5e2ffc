using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Json;

/// <summary>The read-modify-write operations on JSON values. All are pure.</summary>
internal static class JsonEdit
{
    /// <summary>Deep merge of objects; null removes the member; anything else replaces (RFC 7396).</summary>
    public static JsonText Merge(JsonText? target, JsonText patch) =>
        patch.Kind != JsonValueKind.Object ? patch : JsonText.Of(Merge(target?.ToNode(), (JsonObject)patch.ToNode()!));

    /// <summary>Pushes an item; an absent array is created, a value that is no array is wrapped.</summary>
    public static JsonText Append(JsonText? target, JsonText item)
    {
        if (target is not { } current)
        {
            return Splice("["u8, default, item.Span);
        }

        if (current.Kind != JsonValueKind.Array)
        {
            return Splice("["u8, current.Span, item.Span);
        }

        // Joining bytes instead of parsing keeps the cost at one copy, however long the array is.
        return Splice(default, current.Span[..^1], item.Span);
    }

    /// <summary>
    /// Adds two JSON numbers. Decimals stay exact where both fit a decimal (0.1 + 0.2 is 0.3); otherwise they are added as doubles.
    /// Null when either is no number or the sum is not finite.
    /// </summary>
    public static JsonText? Add(JsonText? target, JsonText amount)
    {
        var current = target ?? JsonText.Trusted("0"u8.ToArray());
        if (current.Kind != JsonValueKind.Number || amount.Kind != JsonValueKind.Number)
        {
            return null;
        }

        if (long.TryParse(current.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var a)
            && long.TryParse(amount.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var b)
            && !((a ^ b) >= 0 && ((a ^ unchecked(a + b)) < 0)))
        {
            return Number(a + b);
        }

        if (IsPlain(current.Span) && IsPlain(amount.Span)
            && decimal.TryParse(current.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var left)
            && decimal.TryParse(amount.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var right)
            && decimal.Abs(left) < 1e27m && decimal.Abs(right) < 1e27m)
        {
            var sum = left + right;
            return JsonText.Trusted(System.Text.Encoding.ASCII.GetBytes(sum == decimal.Truncate(sum)
                ? decimal.Truncate(sum).ToString(CultureInfo.InvariantCulture)
                : sum.ToString("0.#############################", CultureInfo.InvariantCulture)));
        }

        var total = double.Parse(current.Span, NumberStyles.Float, CultureInfo.InvariantCulture) + double.Parse(amount.Span, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(total) ? JsonText.Trusted(System.Text.Encoding.ASCII.GetBytes(CanonicalJson.Number(total))) : null;
    }

    /// <summary>
    /// Applies an edit at a dotted path inside a value. Missing objects on the way are created; a scalar on the way is an error,
    /// and so is an index outside an array. The error is a plain sentence.
    /// </summary>
    public static (JsonText? Value, string? Error) At(JsonText? target, string path, Func<JsonText?, JsonText?> edit)
    {
        var root = target?.ToNode() ?? new JsonObject();
        var parts = path.Split('.');
        if (parts.Length > 32 || parts.Any(p => p.Length == 0))
        {
            return (null, "A path is names joined by dots, at most 32 of them.");
        }

        var node = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var last = i == parts.Length - 1;
            JsonNode? child;
            switch (node)
            {
                case JsonObject members:
                    child = members[parts[i]];
                    if (last)
                    {
                        if (edit(child is null && !members.ContainsKey(parts[i]) ? null : JsonText.Of(child)) is not { } value)
                        {
                            return (null, null);
                        }

                        members[parts[i]] = value.ToNode();
                    }
                    else if (child is null)
                    {
                        members[parts[i]] = child = new JsonObject();
                    }

                    break;
                case JsonArray items when int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count:
                    child = items[index];
                    if (last)
                    {
                        if (edit(JsonText.Of(child)) is not { } value)
                        {
                            return (null, null);
                        }

                        items[index] = value.ToNode();
                    }
                    else if (child is null)
                    {
                        items[index] = child = new JsonObject();
                    }

                    break;
                default:
                    return (null, $"The path '{Names.Shown(path)}' goes through '{Names.Shown(string.Join('.', parts[..i]))}', which is neither an object nor an array with that index.");
            }

            node = child;
        }

        return (JsonText.Of(root), null);
    }

    public static JsonText Number(long value) => JsonText.Trusted(System.Text.Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    // A decimal must not lose digits: no exponent, and few enough of them.
    private static bool IsPlain(ReadOnlySpan<byte> number) => number.Length <= 28 && number.IndexOfAny((byte)'e', (byte)'E') < 0;

    private static JsonObject Merge(JsonNode? target, JsonObject patch)
    {
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject inner ? Merge(result[name], inner) : value.DeepClone();
            }
        }

        return result;
    }

    private static JsonText Splice(ReadOnlySpan<byte> open, ReadOnlySpan<byte> head, ReadOnlySpan<byte> item)
    {
        // The head of an empty array is "[" alone: no comma after it.
        var comma = head.Length > 0 && !head.SequenceEqual("["u8);
        var bytes = new byte[open.Length + head.Length + (comma ? 1 : 0) + item.Length + 1];
        open.CopyTo(bytes);
        head.CopyTo(bytes.AsSpan(open.Length));
        var at = open.Length + head.Length;
        if (comma)
        {
            bytes[at++] = (byte)',';
        }

        item.CopyTo(bytes.AsSpan(at));
        bytes[^1] = (byte)']';
        return JsonText.Trusted(bytes);
    }
}
