using Sync.Cel.Checking;

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

    /// <summary>Whether an expression is a map whose values are rows: a member of such a variable.</summary>
    public bool IsTable(Term term) => term is SelectTerm { Target: NameTerm root } && options.Tables.Contains(root.Text);

    /// <summary>What is meant by a field of a name: by both, or by any field of it, or by the name alone.</summary>
    public Term? Alias(string name, string field) =>
        options.NameHints.TryGetValue($"{name}.{field}", out var exact) ? ForeignParser.Parse(exact)
        : options.NameHints.TryGetValue($"{name}.{Any}", out var any) && field.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? ForeignParser.Parse(any.Replace(Any.ToString(), field, StringComparison.Ordinal))
        : null;

    /// <summary>Where a name that nothing is known of would stand.</summary>
    public Term? Unknown(string name) => options.NameHints.TryGetValue(Any.ToString(), out var any) ? ForeignParser.Parse(any.Replace(Any.ToString(), name, StringComparison.Ordinal)) : null;
}
