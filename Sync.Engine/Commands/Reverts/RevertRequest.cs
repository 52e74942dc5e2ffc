using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.Reverts;

/// <summary>What is to be reverted, as asked for: one event, or an agent's since one.</summary>
/// <param name="Seq">The event; null for an agent's.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Since">The event after which.</param>
internal sealed record RevertRequest(long? Seq, string? Agent, long Since)
{
    private const string Form = "Send {\"seq\": 57} for one event, or {\"agent\": \"alice\", \"since\": 40} for what that agent did after event 40.";

    private static readonly ParamSet s_params = BuiltIns.BuiltIn.Declare("""{"seq": {"type": "integer", "minimum": 1}, "agent": {"type": "string"}, "since": {"type": "integer", "minimum": 0}}""");

    /// <summary>Reads the parameters of <c>_revert</c>.</summary>
    /// <remarks>Errors: those of parameters.</remarks>
    public static Outcome<RevertRequest> Parse(JsonElement parameters, CelBudget budget)
    {
        if (!s_params.Bind(parameters, BuiltInIds.Revert, budget).Try(out var bound, out var error))
        {
            return error with { Hint = error.Hint ?? Form };
        }

        long? NumberOf(string name) => bound.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
        var (seq, since) = (NumberOf("seq"), NumberOf("since"));
        var agent = bound.TryGetValue("agent", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        return (seq, agent, since) switch
        {
            ({ } one, null, null) => new RevertRequest(one, Agent: null, Since: 0),
            (null, { } other, { } after) => new RevertRequest(Seq: null, other, after),
            _ => new SyncError(ErrorCode.MissingParam, "'_revert' needs 'seq', or 'agent' and 'since'.") { Hint = Form }.With("param", agent is null ? "seq" : "since"),
        };
    }
}
