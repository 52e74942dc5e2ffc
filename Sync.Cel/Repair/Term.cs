namespace Sync.Cel.Repair;

/// <summary>
/// An expression as somebody meant it who wrote JavaScript, Python or SQL: wider than the language, without positions. What the language has is printed as it is, the rest is
/// rewritten first.
/// </summary>
internal abstract record Term;

/// <summary>A name, or <c>*</c> where SQL has it.</summary>
internal sealed record NameTerm(string Text) : Term;

/// <summary>A literal as it is written in the language: a number, <c>true</c>, <c>null</c>, bytes.</summary>
internal sealed record LiteralTerm(string Text) : Term
{
    public static readonly LiteralTerm Null = new("null");

    public bool IsNumber => Text.Length > 0 && (char.IsAsciiDigit(Text[0]) || Text[0] is '-' or '.');

    public bool IsBool => Text is "true" or "false";
}

/// <summary>Text, without quotes and escapes.</summary>
internal sealed record TextTerm(string Value) : Term;

/// <summary>A pattern between slashes.</summary>
internal sealed record PatternTerm(string Source, string Flags) : Term;

internal sealed record SelectTerm(Term Target, string Field, bool IsOptional = false) : Term;

internal sealed record IndexTerm(Term Target, Term Index, bool IsOptional = false) : Term;

/// <summary><c>a[from:to]</c>; <c>a[::-1]</c> is reversed.</summary>
internal sealed record SliceTerm(Term Target, Term? From, Term? To, bool IsReversed) : Term;

/// <summary>A call of a function (without a target) or of a method.</summary>
internal sealed record CallTerm(Term? Target, string Name, params Term[] Arguments) : Term;

internal sealed record UnaryTerm(string Operator, Term Operand) : Term;

internal sealed record BinaryTerm(string Operator, Term Left, Term Right) : Term;

internal sealed record ChoiceTerm(Term Condition, Term Then, Term Otherwise) : Term;

internal sealed record ListTerm(params Term[] Items) : Term;

/// <summary>A map; an entry without a key is a spread one.</summary>
internal sealed record MapTerm(params (Term? Key, Term Value)[] Entries) : Term;

/// <summary><c>...x</c> in a list or among arguments.</summary>
internal sealed record SpreadTerm(Term Value) : Term;

/// <summary><c>?x</c> in a list, as the language has it.</summary>
internal sealed record OptionalTerm(Term Value) : Term;

/// <summary><c>name=value</c> among arguments.</summary>
internal sealed record NamedTerm(string Name, Term Value) : Term;

/// <summary>A function without a name.</summary>
internal sealed record LambdaTerm(string[] Names, Term Body) : Term;

/// <summary><c>body for names in source if filter</c>.</summary>
internal sealed record LoopTerm(Term Body, string[] Names, Term Source, Term? Filter) : Term;

/// <summary>What SQL's SELECT says; columns are names, calls, or none for all.</summary>
internal sealed record SelectionTerm(Term[] Columns, Term Source, string? Alias, Term? Filter, Term? Group, Term? Order, bool IsDescending, Term? Limit) : Term;
