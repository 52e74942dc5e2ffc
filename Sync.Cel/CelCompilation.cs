using Sync.Cel.Syntax;

namespace Sync.Cel;

/// <summary>The outcome of compiling: a program, or the issue that prevented it.</summary>
/// <param name="Program">The program, or null when there is an issue.</param>
/// <param name="Issue">The error, or null when there is a program.</param>
public sealed record CelCompilation(CelProgram? Program, CelIssue? Issue);
