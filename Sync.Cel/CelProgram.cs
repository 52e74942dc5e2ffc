using System.Collections.Immutable;

namespace Sync.Cel;

/// <summary>The outcome of compiling: a program, or the issue that prevented it.</summary>
/// <param name="Program">The program, or null when there is an issue.</param>
/// <param name="Issue">The error, or null when there is a program.</param>
public sealed record CelCompilation(CelProgram? Program, CelIssue? Issue);

/// <summary>Something wrong (or doubtful) in an expression, placed and explained.</summary>
/// <param name="Code"><c>invalid_cel</c>, <c>cel_limit_exceeded</c>, or for warnings a word such as <c>integer_division</c>.</param>
/// <param name="Message">One plain sentence.</param>
/// <param name="Line">1-based line.</param>
/// <param name="Column">1-based column, in UTF-16 code units.</param>
/// <param name="Caret">The offending source line, a newline, and a caret under the position.</param>
/// <param name="Hint">What to write instead, or null when nothing better is known than the message.</param>
public sealed record CelIssue(string Code, string Message, int Line, int Column, string Caret, string? Hint);

/// <summary>Supplies the roots of one evaluation.</summary>
public interface ICelActivation
{
    /// <summary>
    /// The value of the variable in <paramref name="slot"/>. An error value stands for "unknown here": it is absorbed by
    /// <c>&amp;&amp;</c> and <c>||</c> where the other side decides.
    /// </summary>
    CelValue Get(int slot);
}

/// <summary>
/// A compiled expression: immutable, thread-safe, shared by every room that uses the same text.
/// </summary>
public sealed class CelProgram
{
    internal CelProgram(string source) => Source = source;

    /// <summary>The text it was compiled from.</summary>
    public string Source { get; }

    /// <summary>Every path the expression may read, statically known. Sound: nothing outside can change its value.</summary>
    public ImmutableArray<CelPath> Dependencies { get; } = [];

    /// <summary>Doubtful spots that still compile (integer division of literals' kinds, for instance).</summary>
    public ImmutableArray<CelIssue> Warnings { get; } = [];

    /// <summary>Evaluates. Errors come back as a value of kind <see cref="CelKind.Error"/>; nothing is thrown.</summary>
    public CelValue Evaluate(ICelActivation activation) => throw new InvalidOperationException(Source);

    /// <summary>
    /// Evaluates each leaf of the top-level <c>&amp;&amp;</c> / <c>||</c> / <c>!</c> / <c>?:</c>-condition structure by itself, in source order,
    /// so that a reader sees which part decided.
    /// </summary>
    public ImmutableArray<CelPart> Explain(ICelActivation activation) => throw new InvalidOperationException(Source);
}

/// <summary>One part of an explained expression.</summary>
/// <param name="Expression">The part's own source text.</param>
/// <param name="Value">What it evaluated to; may be an error.</param>
public sealed record CelPart(string Expression, CelValue Value);

/// <summary>A path an expression may read: everything at and under it.</summary>
/// <param name="Root">The variable's name.</param>
/// <param name="Segments">Qualifiers from the root up to the first one that is not statically known.</param>
/// <param name="KeysOnly">True when only the presence or the set of keys directly under the path matters (<c>size(m)</c>, <c>"k" in m</c> has its own longer path).</param>
public sealed record CelPath(string Root, ImmutableArray<CelSegment> Segments, bool KeysOnly);

/// <summary>One qualifier of a path.</summary>
/// <param name="Text">The literal key; or, when <paramref name="IsVariable"/>, the name of a root variable whose (string) value is the key, such as <c>self</c>.</param>
/// <param name="IsVariable">Whether <paramref name="Text"/> names a variable to substitute when it is known.</param>
public readonly record struct CelSegment(string Text, bool IsVariable);
