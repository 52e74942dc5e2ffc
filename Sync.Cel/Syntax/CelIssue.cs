namespace Sync.Cel.Syntax;

/// <summary>Something wrong (or doubtful) in an expression, placed and explained.</summary>
/// <param name="Code"><c>invalid_cel</c>, <c>cel_limit_exceeded</c>, or for warnings a word such as <c>integer_division</c>.</param>
/// <param name="Message">One plain sentence.</param>
/// <param name="Line">1-based line.</param>
/// <param name="Column">1-based column, in UTF-16 code units.</param>
/// <param name="Caret">The offending source line, a newline, and a caret under the position.</param>
/// <param name="Hint">What to write instead, or null when nothing better is known than the message.</param>
public sealed record CelIssue(string Code, string Message, int Line, int Column, string Caret, string? Hint);
