using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Primitives.Json;

/// <summary>Tables of the fields of requests, which refuse in the same words.</summary>
internal static class RequestFields
{
    /// <summary>A table of a request's fields.</summary>
    /// <param name="unknown">The sentence for a field that is not known, given its name.</param>
    /// <param name="example">A hint that shows a body.</param>
    /// <param name="hint">A hint for an unknown field when no known one is near; without it the known ones are listed.</param>
    public static FieldTable<TDraft> TableFor<TDraft>(Func<string, string> unknown, string example, Func<TDraft, FieldProblem, string?>? hint = null) => new((draft, problem) => problem.Kind switch
    {
        FieldProblemKind.Unknown => new SyncError(ErrorCode.UnknownField, unknown(problem.Name))
        {
            Hint = problem.Nearest is null ? hint?.Invoke(draft, problem) ?? problem.Hint : problem.Hint,
        }.With("field", problem.Name),
        FieldProblemKind.Unusable => new SyncError(ErrorCode.InvalidParameter, $"'{problem.Name}' has a value that cannot be used.") { Hint = problem.Hint }.With("field", problem.Name),
        _ => new SyncError(ErrorCode.InvalidParameter, "The body is an object.") { Hint = example },
    }, lenient: true);
}
