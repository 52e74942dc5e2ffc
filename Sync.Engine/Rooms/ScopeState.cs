using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel;
using Sync.Engine.Expressions;
using Sync.Engine.Json;

namespace Sync.Engine.Rooms;

/// <summary>All entries of one scope. Immutable; the JSON of the whole scope is joined once, at the first read after a change.</summary>
internal sealed class ScopeState
{
    private byte[]? _json;
    private ScopeMap? _map;

    private ScopeState(string name, ImmutableSortedDictionary<string, Entry> entries, long nextRow, int conditional)
    {
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
        foreach (var entry in entries)
        {
            builder[entry.Key] = entry;
            conditional += entry.IsConditional ? 1 : 0;
        }

        return new(name, builder.ToImmutable(), nextRow, conditional);
    }

    public Entry? Find(string key) => Entries.GetValueOrDefault(key);

    public ScopeState Put(Entry entry)
    {
        var before = Find(entry.Key);
        var conditional = Conditional + (entry.IsConditional ? 1 : 0) - (before is { IsConditional: true } ? 1 : 0);
        var nextRow = KeyOrder.IsRow(entry.Key, out var row) && row >= NextRow ? row + 1 : NextRow;
        return new(Name, Entries.SetItem(entry.Key, entry), nextRow, conditional);
    }

    public ScopeState Remove(string key)
    {
        var before = Find(key);
        return before is null ? this : new(Name, Entries.Remove(key), NextRow, Conditional - (before.IsConditional ? 1 : 0));
    }

    /// <summary>The scope as a JSON object of plain values. Only for <see cref="Conditional"/> = 0.</summary>
    public ReadOnlySpan<byte> Json => _json ??= Join(Entries.Values);

    /// <summary>Joins entries to a JSON object of plain values.</summary>
    public static byte[] Join(IEnumerable<Entry> entries)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
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
