using System.Collections.Frozen;
using System.Collections.Immutable;
using Sync.Cel.Library;

namespace Sync.Cel.Checking;

/// <summary>The declared root variables by name. A name may hold dots: then <c>a.b</c> is that variable before it is a field of <c>a</c>.</summary>
internal sealed class VariableTable
{
    private readonly FrozenDictionary<string, int> _slots;

    private readonly FrozenDictionary<string, StaticType> _types;

    private readonly bool _hasFields;

    public VariableTable(CelOptions options)
    {
        var names = options.Variables;
        Names = names;
        _types = options.VariableTypes.ToFrozenDictionary(t => t.Key, t => StaticType.Parse(t.Value) ?? StaticType.Dyn);
        var slots = new Dictionary<string, int>();
        for (var i = 0; i < names.Length; i++)
        {
            slots[names[i]] = i;
        }

        _slots = slots.ToFrozenDictionary();
        _hasFields = _types.Keys.Any(key => key.Contains('.') && !slots.ContainsKey(key));
        HasDots = names.Any(n => n.Contains('.'));
    }

    public ImmutableArray<string> Names { get; }

    public bool HasDots { get; }

    /// <summary>The variable's declared type, <c>dyn</c> when none is; null when there is no such variable.</summary>
    public StaticType? TypeOf(string name) => _slots.ContainsKey(name) ? _types.GetValueOrDefault(name, StaticType.Dyn) : null;

    /// <summary>The declared type of a variable's field; null when there is none.</summary>
    public StaticType? TypeOfField(string name, string field) => _hasFields && _slots.ContainsKey(name) ? _types.GetValueOrDefault($"{name}.{field}") : null;

    /// <summary>The variable's slot, or -1.</summary>
    public int Find(string name) => _slots.TryGetValue(name, out var slot) ? slot : -1;
}
