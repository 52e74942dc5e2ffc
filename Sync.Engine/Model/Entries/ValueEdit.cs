using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Entries;

internal enum EditKind
{
    /// <summary>An item at the end of a list.</summary>
    Append,

    /// <summary>Members merged into an object.</summary>
    Merge,

    /// <summary>A number added.</summary>
    Increment,

    /// <summary>A member written.</summary>
    Set,

    /// <summary>A member, or an item of a list, taken away.</summary>
    Remove,
}

/// <summary>
/// One change inside a value, as the log, the audit and answers hold it instead of the whole value. Applying it evaluates nothing and cannot fail on what it was made from. Immutable.
/// </summary>
internal sealed record ValueEdit
{
    public required EditKind Kind { get; init; }

    /// <summary>The dotted path to what is changed; null is the value itself. A <see cref="EditKind.Set"/> and a <see cref="EditKind.Remove"/> have one.</summary>
    public string? Path { get; init; }

    /// <summary>The item, the members, what was added, or what was written; null for what was taken away.</summary>
    public required JsonText Operand { get; init; }

    /// <summary>An append: where the item stands.</summary>
    public int Index { get; init; }

    /// <summary>An increment: the sum. It is what is applied, so that no replay ever adds differently.</summary>
    public JsonText? Sum { get; init; }

    /// <summary>About what it adds to the log.</summary>
    public int Bytes => Operand.Length + (Path?.Length ?? 0);

    /// <summary>The value after it.</summary>
    public JsonText Apply(JsonText? before)
    {
        if (Path is not { } path)
        {
            return ApplyTo(before);
        }

        if (Kind == EditKind.Remove)
        {
            return before is { } whole && JsonEdit.Remove(whole, path).Value is { } left ? left : throw new InvalidDataException($"An event takes away what is at '{path}', and nothing is there.");
        }

        var (value, problem) = JsonEdit.At(before, path, at => ApplyTo(at));
        return value ?? throw new InvalidDataException($"An event edits a value at '{path}', and that cannot be done: {problem}");
    }

    /// <summary>Writes its fields: <c>path?</c> and <c>index, element</c> or <c>members</c> or <c>by, sum</c> or <c>set</c> or <c>removed</c>. An answer leaves <c>by</c> out, which its caller has sent.</summary>
    public void WriteFields(Utf8JsonWriter writer, bool isAnswer = false)
    {
        if (Path is not null)
        {
            writer.WriteString("path"u8, Path);
        }

        switch (Kind)
        {
            case EditKind.Append:
                writer.WriteNumber("index"u8, Index);
                Write(writer, "element"u8, Operand);
                break;
            case EditKind.Merge:
                Write(writer, "members"u8, Operand);
                break;
            case EditKind.Increment:
                if (!isAnswer)
                {
                    Write(writer, "by"u8, Operand);
                }

                Write(writer, "sum"u8, Sum!.Value);
                break;
            case EditKind.Remove:
                writer.WriteBoolean("removed"u8, value: true);
                break;
            default:
                Write(writer, "set"u8, Operand);
                break;
        }
    }

    /// <summary>Reads back what <see cref="WriteFields"/> wrote.</summary>
    public static ValueEdit Read(JsonElement json)
    {
        var path = json.TryGetProperty("path"u8, out var at) ? at.GetString() : null;
        if (json.TryGetProperty("element"u8, out var element))
        {
            return new ValueEdit { Kind = EditKind.Append, Path = path, Operand = JsonText.Of(element), Index = json.GetProperty("index"u8).GetInt32() };
        }

        if (json.TryGetProperty("members"u8, out var members))
        {
            return new ValueEdit { Kind = EditKind.Merge, Path = path, Operand = JsonText.Of(members) };
        }

        if (json.TryGetProperty("removed"u8, out _))
        {
            return new ValueEdit { Kind = EditKind.Remove, Path = path, Operand = JsonText.Null };
        }

        return json.TryGetProperty("sum"u8, out var sum)
            ? new ValueEdit { Kind = EditKind.Increment, Path = path, Operand = JsonText.Of(json.GetProperty("by"u8)), Sum = JsonText.Of(sum) }
            : new ValueEdit { Kind = EditKind.Set, Path = path, Operand = JsonText.Of(json.GetProperty("set"u8)) };
    }

    /// <summary>What is at the path after it, over what was there.</summary>
    public JsonText ApplyTo(JsonText? before) => Kind switch
    {
        EditKind.Append => JsonEdit.Append(before, Operand),
        EditKind.Merge => JsonEdit.Merge(before, Operand),
        EditKind.Increment => Sum!.Value,
        _ => Operand,
    };

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText value)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}

/// <summary>
/// Edits of a key in the log since it last held the whole value. It bounds how far a reader of the past walks back, and keeps what whole values cost in proportion to the edits between them.
/// </summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Their size.</param>
internal readonly record struct EditTally(int Count, long Bytes)
{
    /// <summary>Edits between two whole values at most: what a question about the past may cost.</summary>
    public const int MaxCount = 4_096;

    // Fewer than this never ask for a whole value: a walk of so many steps is quick.
    private const int FreeCount = 256;

    // So short a value costs the log no more than the rest of the event.
    private const int ShortBytes = 512;

    public EditTally With(int count, long bytes) => new(Count + count, Bytes + bytes);

    /// <summary>Whether the log holds the whole value again, given these edits, the newest among them of <paramref name="newest"/> bytes.</summary>
    public bool AsksForWhole(long newest, int valueBytes) =>
        valueBytes <= ShortBytes
        || valueBytes <= 4 * newest
        || Count >= MaxCount
        || (Count >= FreeCount && 4 * Bytes >= valueBytes);
}
