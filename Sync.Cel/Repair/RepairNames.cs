using Sync.Cel.Checking;
using Sync.Cel.Library;

namespace Sync.Cel.Repair;

/// <summary>The names that an environment has, and what stands for those that people expect.</summary>
internal sealed class RepairNames(CelOptions options)
{
    private const char Any = '*';

    public IEnumerable<string> Variables => options.Variables;

    public bool IsVariable(string name) => options.Variables.Contains(name);

    /// <summary>What is meant by a name that is no variable: by itself, or by how it begins.</summary>
    public Term? Alias(string name) =>
        options.NameHints.TryGetValue(name, out var text) ? ForeignParser.Parse(text)
        : name.Length > 1 && options.NameHints.TryGetValue($"{name[0]}{Any}", out var any) ? ForeignParser.Parse(any.Replace(Any.ToString(), name[1..], StringComparison.Ordinal))
        : null;

    /// <summary>What is meant by a field of a name: by both, or by any field of it, or by the name alone.</summary>
    public Term? Alias(string name, string field) =>
        options.NameHints.TryGetValue($"{name}.{field}", out var exact) ? ForeignParser.Parse(exact)
        : options.NameHints.TryGetValue($"{name}.{Any}", out var any) && field.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? ForeignParser.Parse(any.Replace(Any.ToString(), field, StringComparison.Ordinal))
        : null;

    /// <summary>The list that is meant where a variable is taken for one, such as <c>messages</c>, which holds figures; or null.</summary>
    public Term? ListOf(string name) => options.NameHints.TryGetValue($"{name}[]", out var text) ? ForeignParser.Parse(text) : null;

    /// <summary>The same of a term that is nothing but a name.</summary>
    public Term? ListOfTerm(Term term) => term is NameTerm name && IsVariable(name.Text) ? ListOf(name.Text) : null;

    /// <summary>The type of a variable, or of a part of it, as far as it is declared.</summary>
    public StaticType? TypeOf(Term term) => term switch
    {
        NameTerm name when IsVariable(name.Text) => options.VariableTypes.TryGetValue(name.Text, out var type) ? StaticType.Parse(type) : null,
        SelectTerm { IsOptional: false } select => ValueOf(TypeOf(select.Target)),
        IndexTerm { IsOptional: false } index => ValueOf(TypeOf(index.Target)),
        _ => null,
    };

    private static StaticType? ValueOf(StaticType? type) => type is { Name: "map" } ? type.Parameters[1] : null;

    /// <summary>Where a name that nothing is known of would stand.</summary>
    public Term? Unknown(string name) => options.NameHints.TryGetValue(Any.ToString(), out var any) ? ForeignParser.Parse(any.Replace(Any.ToString(), name, StringComparison.Ordinal)) : null;
}
