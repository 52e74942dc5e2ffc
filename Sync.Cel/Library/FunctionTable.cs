using System.Collections.Frozen;

namespace Sync.Cel.Library;

/// <summary>Every function of the language and its libraries. One table: the libraries are always there.</summary>
internal sealed class FunctionTable
{
    private readonly FrozenDictionary<string, CelFunction[]> _functions;
    private readonly FrozenDictionary<string, CelFunction[]> _methods;
    private readonly FrozenSet<string> _namespaces;

    private FunctionTable(Builder builder)
    {
        _functions = Group(builder.All.Where(f => !f.IsMethod));
        _methods = Group(builder.All.Where(f => f.IsMethod));
        _namespaces = _functions.Keys.Where(n => n.Contains('.')).Select(n => n[..n.IndexOf('.')]).ToFrozenSet();
        All = [.. builder.All];
    }

    public static FunctionTable Standard { get; } = Build();

    public IReadOnlyList<CelFunction> All { get; }

    public IEnumerable<string> FunctionNames => _functions.Keys;

    public IEnumerable<string> MethodNames => _methods.Keys;

    public bool IsNamespace(string name) => _namespaces.Contains(name);

    /// <summary>Every arity of a name, or null when there is none.</summary>
    public CelFunction[]? Find(string name, bool isMethod) => (isMethod ? _methods : _functions).GetValueOrDefault(name);

    private static FrozenDictionary<string, CelFunction[]> Group(IEnumerable<CelFunction> functions) =>
        functions.GroupBy(f => f.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    private static FunctionTable Build()
    {
        var builder = new Builder();
        StandardFunctions.Register(builder);
        ConversionFunctions.Register(builder);
        TimeFunctions.Register(builder);
        StringFunctions.Register(builder);
        TextListFunctions.Register(builder);
        MathFunctions.Register(builder);
        BitFunctions.Register(builder);
        ListFunctions.Register(builder);
        SetFunctions.Register(builder);
        MapFunctions.Register(builder);
        OptionalFunctions.Register(builder);
        NetworkFunctions.Register(builder);
        return new FunctionTable(builder);
    }

    /// <summary>Collects functions; the delegate's shape gives the arity.</summary>
    internal sealed class Builder
    {
        public List<CelFunction> All { get; } = [];

        public void Function(string signature, Nullary implementation) => Add(false, 0, implementation, signature);

        public void Function(string signature, Unary implementation) => Add(false, 1, implementation, signature);

        public void Function(string signature, Binary implementation) => Add(false, 2, implementation, signature);

        public void Variadic(string signature, Variadic implementation) => Add(false, -1, implementation, signature);

        /// <summary>One implementation for several signatures, separated by <c>;</c>.</summary>
        public void Method(string signature, Unary implementation) => Add(true, 1, implementation, signature);

        public void Method(string signature, Binary implementation) => Add(true, 2, implementation, signature);

        public void Method(string signature, Ternary implementation) => Add(true, 3, implementation, signature);

        public void Method(string signature, Variadic implementation, int arity) => Add(true, arity, implementation, signature);

        private void Add(bool isMethod, int arity, Delegate implementation, string signatures)
        {
            var all = signatures.Split("; ");
            var head = all[0][..all[0].IndexOf('(')];
            var name = isMethod ? head[(head.LastIndexOf('.') + 1)..] : head;
            All.Add(new CelFunction(name, isMethod, arity, all, implementation));
        }
    }
}
