using System.Text.Json.Nodes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Finds expressions that read <c>state._audit</c>. The log is a scope for contexts only: to an expression it is empty, so that a condition over it would never hold and a count be 0. What is
/// evaluated at once is refused; what is stored is warned of, since definitions of earlier days have to stay.
/// </summary>
internal static class LogReads
{
    private const string Message = "Expressions do not read the log: state._audit is empty to them.";

    private const string Hint = "A context has it: \"only\": \"state._audit\", with \"limit\" and \"after\": SEQ. In an expression read what actions write, such as a counter or a list of their own.";

    /// <summary>The refusal where an expression reads the log; null for all others.</summary>
    public static SyncError? Refuse(Expression expression, string field) => !Has(expression) ? null : new SyncError(ErrorCode.InvalidCel, Message)
    {
        Hint = Hint,
        Next = [NextStep.ReadContext(new StepArgument("only", ContextPart.OfScope(ReservedScopes.Audit).ToString()))],
        Help = "expressions",
    }.With("field", field);

    /// <summary>The warning where a stored expression reads the log; null for all others.</summary>
    public static JsonObject? Warn(Expression expression, string field) => Has(expression) ? Warnings.Of("log_not_readable", field, Message, Hint) : null;

    private static bool Has(Expression expression) => expression.Paths.Any(static path => path is { Root: "state", Segments: [{ IsVariable: false, Text: ReservedScopes.Audit }, ..] });
}
