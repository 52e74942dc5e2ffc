using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Json;

/// <summary>The read-modify-write operations on JSON values. All are pure.</summary>
internal static class JsonEdit
{
    /// <summary>Names of a path at most.</summary>
    public const int MaxPath = 32;

    private const int FewMembers = 16;

    private static readonly string s_noPath = $"A path is names joined by dots, at most {MaxPath} of them.";

    /// <summary>Deep merge of objects; null removes the member; anything else replaces (RFC 7396).</summary>
    public static JsonText Merge(JsonText? target, JsonText patch)
    {
        if (patch.Kind != JsonValueKind.Object)
        {
            return patch;
        }

        var output = new ArrayBufferWriter<byte>((target?.Length ?? 0) + patch.Length + 16);
        Merge(target is { Kind: JsonValueKind.Object } members ? members.Span : "{}"u8, patch.Span, output);
        return JsonText.Trusted(output.WrittenSpan.ToArray());
    }

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

        if (current.Growing is { } growing)
        {
            return JsonText.Of(growing.Append(item.Span));
        }

        return current.Length < GrowingList.WorthIt
            ? Splice(default, current.Span[..^1], item.Span)
            : JsonText.Of(GrowingList.Of(current.Span, Count(current)).Append(item.Span));
    }

    /// <summary>At which index <see cref="Append"/> puts the item.</summary>
    public static int Count(JsonText? target)
    {
        if (target is not { } current || current.Kind != JsonValueKind.Array)
        {
            return target is null ? 0 : 1;
        }

        if (current.Growing is { } growing)
        {
            return growing.Count;
        }

        var items = new JsonMembers(current.Span);
        var count = 0;
        while (items.MoveNext())
        {
            count++;
        }

        return count;
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
            return JsonText.Trusted(Encoding.ASCII.GetBytes(sum == decimal.Truncate(sum)
                ? decimal.Truncate(sum).ToString(CultureInfo.InvariantCulture)
                : sum.ToString("0.#############################", CultureInfo.InvariantCulture)));
        }

        var total = double.Parse(current.Span, NumberStyles.Float, CultureInfo.InvariantCulture) + double.Parse(amount.Span, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(total) ? JsonText.Trusted(Encoding.ASCII.GetBytes(CanonicalJson.Number(total))) : null;
    }

    /// <summary>
    /// Applies an edit at a dotted path inside a value. Missing objects on the way are created; a scalar on the way is an error,
    /// and so is an index outside an array. The error is a plain sentence.
    /// </summary>
    public static (JsonText? Value, string? Error) At(JsonText? target, string path, Func<JsonText?, JsonText?> edit)
    {
        var parts = path.Split('.');
        if (!IsPath(parts))
        {
            return (null, s_noPath);
        }

        var json = target is null or { Kind: JsonValueKind.Null } ? "{}"u8 : target.Value.Span;
        var (start, end) = (0, json.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            if (Find(json[start..end], parts[i]) is not { } place)
            {
                return (null, $"The path '{Identifiers.Shown(path)}' goes through '{Identifiers.Shown(string.Join('.', parts[..i]))}', which is neither an object nor an array with that index.");
            }

            var last = i == parts.Length - 1;
            var isNull = place.Exists && json[start + place.Start] == (byte)'n';
            if (!last && place.Exists && !isNull)
            {
                (start, end) = (start + place.Start, start + place.End);
                continue;
            }

            var before = last && place.Exists ? JsonText.Trusted(json[(start + place.Start)..(start + place.End)].ToArray()) : (JsonText?)null;
            return edit(before) is { } value
                ? (Replace(json, start + place.Start, start + place.End, place, parts.AsSpan(i), value), null)
                : (null, null);
        }

        throw new UnreachableException();
    }

    /// <summary>
    /// Takes away what is at a dotted path inside a value: a member of an object, or an item of an array, whose later ones move up. Without a value nothing is there. The error is a plain sentence.
    /// </summary>
    public static (JsonText? Value, string? Error) Remove(JsonText target, string path)
    {
        var parts = path.Split('.');
        if (!IsPath(parts))
        {
            return (null, s_noPath);
        }

        var json = target.Span;
        var (start, end) = (0, json.Length);
        for (var i = 0; ; i++)
        {
            if (Find(json[start..end], parts[i]) is not { Exists: true } place)
            {
                return (null, null);
            }

            if (i == parts.Length - 1)
            {
                break;
            }

            (start, end) = (start + place.Start, start + place.End);
        }

        var output = new ArrayBufferWriter<byte>(json.Length);
        output.Write(json[..start]);
        WriteWithout(json[start..end], parts[^1], output);
        output.Write(json[end..]);
        return (JsonText.Trusted(output.WrittenSpan.ToArray()), null);
    }

    public static JsonText Number(long value) => JsonText.Trusted(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    // A decimal must not lose digits: no exponent, and few enough of them.
    private static bool IsPlain(ReadOnlySpan<byte> number) => number.Length <= 28 && number.IndexOfAny((byte)'e', (byte)'E') < 0;

    // Bytes are copied from both sides as they stand: no tree is built, however large the target.
    private static void Merge(ReadOnlySpan<byte> target, ReadOnlySpan<byte> patch, ArrayBufferWriter<byte> output)
    {
        var changes = PatchMembers(patch);
        var byName = changes.Count <= FewMembers ? null : changes.ToDictionary(change => Encoding.UTF8.GetString(change.Name), StringComparer.Ordinal);
        output.Write("{"u8);
        var any = false;
        var members = new JsonMembers(target);
        while (members.MoveNext())
        {
            var change = Find(changes, byName, members);
            if (change is null)
            {
                Member(output, ref any, members.RawName);
                output.Write(members.Value);
                continue;
            }

            if (!change.Done && patch[change.Start] != (byte)'n')
            {
                Member(output, ref any, members.RawName);
                Merged(members.Value, patch[change.Start..change.End], output);
            }

            change.Done = true;
        }

        foreach (var change in changes)
        {
            if (!change.Done && patch[change.Start] != (byte)'n')
            {
                Member(output, ref any, patch[change.NameStart..change.NameEnd]);
                Merged("{}"u8, patch[change.Start..change.End], output);
            }
        }

        output.Write("}"u8);
    }

    private static void Merged(ReadOnlySpan<byte> target, ReadOnlySpan<byte> patch, ArrayBufferWriter<byte> output)
    {
        if (patch[0] == (byte)'{')
        {
            Merge(target[0] == (byte)'{' ? target : "{}"u8, patch, output);
        }
        else
        {
            output.Write(patch);
        }
    }

    private static bool IsPath(string[] parts) => parts.Length <= MaxPath && parts.All(static part => part.Length > 0);

    // An object or an array, of which Find has said that it has the part.
    private static void WriteWithout(ReadOnlySpan<byte> container, string part, ArrayBufferWriter<byte> output)
    {
        var isObject = container[0] == (byte)'{';
        var name = Encoding.UTF8.GetBytes(part);
        var index = isObject ? -1 : int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture);
        output.Write(isObject ? "{"u8 : "["u8);
        var any = false;
        var members = new JsonMembers(container);
        for (var i = 0; members.MoveNext(); i++)
        {
            if (isObject ? members.NameIs(name) : i == index)
            {
                continue;
            }

            if (isObject)
            {
                Member(output, ref any, members.RawName);
            }
            else
            {
                output.Write(any ? ","u8 : default);
                any = true;
            }

            output.Write(members.Value);
        }

        output.Write(isObject ? "}"u8 : "]"u8);
    }

    private static void Member(ArrayBufferWriter<byte> output, ref bool any, ReadOnlySpan<byte> rawName)
    {
        if (any)
        {
            output.Write(","u8);
        }

        any = true;
        output.Write(rawName);
        output.Write(":"u8);
    }

    private static List<PatchMember> PatchMembers(ReadOnlySpan<byte> patch)
    {
        var found = new List<PatchMember>();
        var members = new JsonMembers(patch);
        while (members.MoveNext())
        {
            patch.Overlaps(members.RawName, out var nameStart);
            found.Add(new PatchMember
            {
                Name = Encoding.UTF8.GetBytes(members.Name()),
                NameStart = nameStart,
                NameEnd = nameStart + members.RawName.Length,
                Start = members.Start,
                End = members.End,
            });
        }

        return found;
    }

    // Few names are compared as bytes, which makes no strings; for many a table is worth its strings.
    private static PatchMember? Find(List<PatchMember> changes, Dictionary<string, PatchMember>? byName, in JsonMembers member)
    {
        if (byName is not null)
        {
            return byName.GetValueOrDefault(member.Name());
        }

        foreach (var change in changes)
        {
            if (member.NameIs(change.Name))
            {
                return change;
            }
        }

        return null;
    }

    // Where a part of a path stands in its node; null where the node has no such parts.
    private static Place? Find(ReadOnlySpan<byte> node, string part)
    {
        if (node[0] == (byte)'{')
        {
            var name = Encoding.UTF8.GetBytes(part);
            var members = new JsonMembers(node);
            var found = new Place(node.Length - 1, node.Length - 1, Exists: false, NeedsComma: node.Length > 2);
            while (members.MoveNext())
            {
                if (members.NameIs(name))
                {
                    // Of two members with one name, which only rooms of long ago have, the last counts.
                    found = new Place(members.Start, members.End, Exists: true, NeedsComma: false);
                }
            }

            return found;
        }

        if (node[0] == (byte)'[' && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            var items = new JsonMembers(node);
            for (var i = 0; items.MoveNext(); i++)
            {
                if (i == index)
                {
                    return new Place(items.Start, items.End, Exists: true, NeedsComma: false);
                }
            }
        }

        return null;
    }

    // The value goes in place of what is there, or as a new member; what is missing on the way to it becomes objects.
    private static JsonText Replace(ReadOnlySpan<byte> json, int start, int end, Place place, ReadOnlySpan<string> parts, JsonText value)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + value.Length + 64);
        output.Write(json[..start]);
        if (place.NeedsComma)
        {
            output.Write(","u8);
        }

        for (var i = place.Exists ? 1 : 0; i < parts.Length; i++)
        {
            // A new member of an object that is there needs no brace of its own.
            if (i > 0)
            {
                output.Write("{"u8);
            }

            output.Write(JsonText.Of(parts[i]).Span);
            output.Write(":"u8);
        }

        output.Write(value.Span);
        for (var i = 1; i < parts.Length; i++)
        {
            output.Write("}"u8);
        }

        output.Write(json[end..]);
        return JsonText.Trusted(output.WrittenSpan.ToArray());
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

    private readonly record struct Place(int Start, int End, bool Exists, bool NeedsComma);

    private sealed class PatchMember
    {
        /// <summary>Unescaped.</summary>
        public required byte[] Name { get; init; }

        public required int NameStart { get; init; }

        public required int NameEnd { get; init; }

        public required int Start { get; init; }

        public required int End { get; init; }

        /// <summary>Whether the target had the member.</summary>
        public bool Done { get; set; }
    }
}
