using System.Buffers;
using System.Collections.Immutable;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.State;

/// <summary>All entries of one scope. Immutable; the JSON of the whole scope is joined once, at the first read after a change.</summary>
internal sealed class ScopeState
{
    // What the writer wants to have over when it comes to the last entry.
    private const int Spare = 256;

    // Quotes, colon and comma around one entry.
    private const int Punctuation = 4;

    private byte[]? _json;
    private ScopeMap? _map;

    private ScopeState(string name, ImmutableSortedDictionary<string, Entry> entries, long nextRow, int conditional, long expected = 0)
    {
        Bytes = expected;
        Name = name;
        Entries = entries;
        NextRow = nextRow;
        Conditional = conditional;
    }

    public string Name { get; }

    public ImmutableSortedDictionary<string, Entry> Entries { get; }

    /// <summary>The number the next keyless append gets. It never goes back, so a deleted row's number is not given again.</summary>
    public long NextRow { get; }

    /// <summary>Entries whose visibility depends on time or an expression. Zero is the fast case: everything stored is visible.</summary>
    public int Conditional { get; }

    /// <summary>The scope as a map for expressions; only meaningful as it stands while <see cref="Conditional"/> is zero.</summary>
    public ScopeMap Map => _map ??= new ScopeMap(this);

    public static ScopeState Empty(string name) =>
        new(name, ImmutableSortedDictionary.Create<string, Entry>(KeyOrder.Instance), nextRow: 1, conditional: 0);

    public static ScopeState Load(string name, IEnumerable<Entry> entries, long nextRow)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, Entry>(KeyOrder.Instance);
        var conditional = 0;
        long expected = 0;
        foreach (var entry in entries)
        {
            builder[entry.Key] = entry;
            conditional += entry.IsConditional ? 1 : 0;
            expected += Length(entry);
        }

        return new(name, builder.ToImmutable(), nextRow, conditional, expected);
    }

    public Entry? Find(string key) => Entries.GetValueOrDefault(key);

    public ScopeState Put(Entry entry)
    {
        var before = Find(entry.Key);
        var conditional = Conditional + (entry.IsConditional ? 1 : 0) - (before is { IsConditional: true } ? 1 : 0);
        var nextRow = KeyOrder.IsRow(entry.Key, out var row) && row >= NextRow ? row + 1 : NextRow;
        return new(Name, Entries.SetItem(entry.Key, entry), nextRow, conditional, Bytes + Length(entry) - (before is null ? 0 : Length(before)));
    }

    public ScopeState Remove(string key)
    {
        var before = Find(key);
        return before is null ? this : new(Name, Entries.Remove(key), NextRow, Conditional - (before.IsConditional ? 1 : 0), Bytes - Length(before));
    }

    /// <summary>The scope as a JSON object of plain values. Only for <see cref="Conditional"/> = 0.</summary>
    public ReadOnlySpan<byte> Json => _json ??= Join(Entries.Values, (int)Math.Min(Bytes, int.MaxValue - Spare));

    /// <summary>
    /// About how long the JSON is, without joining it: so that joining a large scope after each change does not double its way up from nothing, and one that
    /// does not fit is not joined at all.
    /// </summary>
    public long Bytes { get; }

    private static long Length(Entry entry) => entry.Key.Length + Punctuation + entry.Value.Length;

    /// <summary>Joins entries to a JSON object of plain values.</summary>
    public static byte[] Join(IEnumerable<Entry> entries, int expected = 0)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(expected, 0) + Spare);
        using var writer = JsonText.Writer(buffer);
        writer.WriteStartObject();
        foreach (var entry in entries)
        {
            writer.WritePropertyName(entry.Key);
            entry.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
