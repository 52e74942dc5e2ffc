using System.Collections.Immutable;
using Sync.Cel;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// A compiled expression with what the room needs to know of it: which parts of the room it may read. Immutable and shared.
/// </summary>
internal sealed class Expression
{
    private readonly CelProgram? _program;
    private readonly CelValue _broken;
    private readonly ReadMemo _reads;

    /// <summary>Made by <see cref="RoomLanguage"/> only.</summary>
    public Expression(string source, CelProgram? program, CelIssue? issue)
    {
        Source = source;
        Issue = issue;
        _program = program;
        _reads = new ReadMemo([this]);
        if (program is null)
        {
            _broken = CelValue.Error(issue!.Message, issue.Hint);
            return;
        }

        Reads = [.. program.Dependencies.Select(ReadPath.Of).Distinct()];
        UsesParams = program.Dependencies.Any(d => d.Root == "params");
        NamesSelf = program.NamedPaths.Any(static path => path is { Root: "state", Segments: [{ Text: "self" }, ..] });
    }

    public string Source { get; }

    /// <summary>Why it cannot be evaluated, or null.</summary>
    public CelIssue? Issue { get; }

    /// <summary>Statically known reads.</summary>
    public ImmutableArray<ReadPath> Reads { get; } = [];

    public bool UsesParams { get; }

    /// <summary>Whether its text names <c>state.self</c>, as such or as <c>state[self]</c>. Where that is asked for, nothing else reaches it.</summary>
    public bool NamesSelf { get; }

    public ImmutableArray<CelPath> Paths => _program?.Dependencies ?? [];

    public ImmutableArray<CelIssue> Warnings => _program?.Warnings ?? [];

    /// <summary>What is known of the value's type without evaluating: <c>bool</c>, <c>list&lt;int&gt;</c>, or <c>dyn</c> when nothing is.</summary>
    public string ResultType => _program?.ResultType ?? "dyn";

    /// <summary>The refusal where the value is known to be of none of these types, or null.</summary>
    /// <param name="types">Types that will do.</param>
    /// <param name="field">Where the expression stands.</param>
    /// <param name="rule">Why another will not do: "A condition is true or false".</param>
    public SyncError? Expect(ReadOnlySpan<string> types, string field, string rule)
    {
        var type = ResultType;
        return type == "dyn" || types.Contains(ValueTypes.Plain(type)) ? null : new SyncError(ErrorCode.InvalidCel, $"{rule}, and this expression gives {ValueTypes.Named(type)}.")
        {
            Hint = ValueTypes.Instead(types[0], type, Source),
            Help = "expressions",
        }
            .With("field", field)
            .With("expression", Shown(Source))
            .With("type", type);
    }

    public CelValue Evaluate(RoomActivation activation)
    {
        activation.NamesSelf = NamesSelf;
        return _program?.Evaluate(activation, activation.Budget) ?? _broken;
    }

    /// <summary>The refusal for an error of evaluation, with an expression that evaluates where this one did not, in the same room on what is left of the budget.</summary>
    public SyncError Refusal(CelError error, RoomActivation activation, RoomLanguage language, string field)
    {
        var refusal = Refusal(error, Source, field);
        return Mended(error, activation, language, isCondition: false) is { } meant ? refusal with { Hint = $"Write `{meant}`." } : refusal;
    }

    /// <summary>An expression that evaluates where this one gave <paramref name="error"/>, as true or false where it is a condition; null when there is none.</summary>
    public string? Mended(CelError error, RoomActivation activation, RoomLanguage language, bool isCondition) => error.Code != "cel_error" ? null
        : _program?.Repaired(text => language.TryCompile(text)?.Evaluate(activation) is { } value && (isCondition ? value.Kind == CelKind.Bool : !value.IsError));

    /// <summary>Its parts, to be evaluated by themselves; none when it does not compile any more.</summary>
    public ImmutableArray<CelPart> Parts => _program?.Parts() ?? [];

    /// <summary>What it reads in a given room for a given reader, views and availability followed to the state they read.</summary>
    public ReadSet ReadsIn(RoomState state, string? self) => _reads.In(state, self);

    private static string Shown(string source) => source.Length > 500 ? source[..500] + "…" : source;

    public static SyncError Refusal(CelIssue issue, string source, string field) =>
        new SyncError(issue.Code == "cel_limit_exceeded" ? ErrorCode.CelLimitExceeded : ErrorCode.InvalidCel, issue.Message)
        {
            Hint = issue.Hint ?? "See the help key 'expressions' for the language with examples.",
            Help = "expressions",
        }
            .With("field", field)
            .With("expression", Shown(source))
            .With("line", issue.Line)
            .With("column", issue.Column)
            .With("caret", issue.Caret);

    /// <summary>The refusal for an evaluation error.</summary>
    public static SyncError Refusal(CelError error, string source, string field) =>
        new SyncError(error.Code switch { "cel_limit_exceeded" => ErrorCode.CelLimitExceeded, Model.Authority.NotReadable.Code => ErrorCode.NotReadable, _ => ErrorCode.CelError }, error.Message)
        {
            Hint = error.Hint ?? "See the help key 'expressions' for the language with examples.",
            Help = "expressions",
        }
            .With("field", field)
            .With("expression", Shown(source));
}
