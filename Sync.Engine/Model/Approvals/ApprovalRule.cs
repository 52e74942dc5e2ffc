using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Approvals;

/// <summary>
/// What an action's <c>approve</c>, or a target's, asks: that somebody decides before anything is written. Immutable.
/// </summary>
internal sealed class ApprovalRule
{
    /// <summary>How long one waits for the decision where nobody says it.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(24);

    private const long LeastMs = 1_000;
    private const long MostMs = 7L * 24 * 60 * 60 * 1_000;

    private static readonly FieldTable<Draft> s_fields = new FieldTable<Draft>(static (draft, problem) => problem.Kind switch
        {
            FieldProblemKind.NoObject => Bad("'approve' is an object.", draft.Field),
            FieldProblemKind.Unknown => Bad($"'approve' has no field '{problem.Name}'.", $"{draft.Field}.{problem.Name}") with { Hint = problem.Hint },
            FieldProblemKind.Missing => Bad($"'approve' needs '{problem.Name}'.", draft.Field),
            _ => Bad($"'{problem.Name}' is {problem.Form}.", $"{draft.Field}.{problem.Name}"),
        })
        .Add("by", "who decides", static (draft, value) =>
        {
            if (!Approvers.Parse(value, draft.Field).Try(out var by, out var error))
            {
                return error;
            }

            draft.By = by;
            return FieldReading.Taken;
        }, required: true)
        .Add("when", "a CEL expression in a string", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            if (!draft.Language.CompileCondition(value.GetString()!, $"{draft.Field}.when").Try(out var when, out var error)) // It is a string.
            {
                return error;
            }

            draft.When = when;
            return FieldReading.Taken;
        })
        .Add("timeout_ms", string.Create(CultureInfo.InvariantCulture, $"a number of milliseconds, {LeastMs} to {MostMs}"), static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var ms) || ms is < LeastMs or > MostMs)
            {
                return FieldReading.Unusable;
            }

            draft.Timeout = TimeSpan.FromMilliseconds(ms);
            return FieldReading.Taken;
        })
        .AddSwitch("confirm", static (draft, confirm) => draft.Confirm = confirm);

    /// <summary>Who may decide.</summary>
    public required Approvers By { get; init; }

    /// <summary>When it is asked, over the state before with the parameters: anything but false asks. Null asks always.</summary>
    public Expression? When { get; init; }

    /// <summary>How long the decision may take, by the clock that stands still while the room is paused.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Whether who accepts shows their passkey once more.</summary>
    public bool Confirm { get; init; }

    /// <summary>The event that the rule, as it stands, was written with; null where that is not known.</summary>
    public long? Since { get; init; }

    /// <summary>Reads <c>{by, when?, timeout_ms?, confirm?}</c>.</summary>
    /// <param name="json">What was sent or stored.</param>
    /// <param name="field">Where it stands: <c>approve</c>, <c>targets[0].approve</c>.</param>
    /// <param name="language">Compiles <c>when</c>.</param>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c>.</remarks>
    public static Outcome<ApprovalRule> Parse(JsonElement json, string field, RoomLanguage language)
    {
        var draft = new Draft(field, language);
        if (s_fields.Read(json, draft, language.IsStored) is { } refusal)
        {
            return refusal;
        }

        var rule = new ApprovalRule { By = draft.By!, When = draft.When, Timeout = draft.Timeout, Confirm = draft.Confirm }; // It is required.
        return rule is { Confirm: true, By.MayConfirm: false } && !language.IsStored
            ? new SyncError(ErrorCode.InvalidParam, "'confirm' asks for a passkey, and none of those who decide has one.")
            {
                Hint = "Leave 'confirm' out, or let people decide: \"by\": \"person\".",
                Help = "gates",
            }.With("field", $"{field}.confirm")
            : rule;
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    public static Outcome<ApprovalRule> ReadKept(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("since"u8, out var since))
        {
            return Parse(json, "approve", RoomLanguage.Standard.ForStored);
        }

        // Nobody sends it, so the table of the fields does not know it.
        var sent = JsonObject.Create(json)!; // It is an object.
        sent.Remove("since");
        return Parse(JsonText.Of(sent).ToElement(), "approve", RoomLanguage.Standard.ForStored).Try(out var rule, out var error)
            ? since.ValueKind == JsonValueKind.Number && since.TryGetInt64(out var seq) ? rule.At(seq) : rule
            : error;
    }

    /// <summary>What tells it from other rules that an approval has to meet.</summary>
    public string Key => $"{string.Join(',', By.All)}{(Confirm ? " confirm" : "")}";

    /// <summary>Who decides on all of some rules, in a sentence.</summary>
    public static string Deciders(IEnumerable<ApprovalRule> rules) => string.Join(" and ", rules.Select(static rule => rule.By.ToString()).Distinct());

    /// <summary>Whether it asks, with what <see cref="When"/> reads. Whatever is not plainly false asks: an error, too, and a budget that is spent.</summary>
    public bool Asks(RoomActivation inside) => When is not { } when || when.Evaluate(inside) is not { Kind: CelKind.Bool, IsTrue: false };

    /// <summary>The same as it stood at an event.</summary>
    public ApprovalRule At(long seq) => new() { By = By, When = When, Timeout = Timeout, Confirm = Confirm, Since = seq };

    /// <summary>
    /// Whether an agent is the one that the rule names by its id. Whoever wrote the rule meant an agent that was there, or one of somebody whom the room has taken in; an id that was free is nobody's, and anybody could join
    /// under it.
    /// </summary>
    /// <param name="agent">The agent.</param>
    /// <param name="id">The id that is named.</param>
    /// <param name="record">The room, with its members.</param>
    /// <param name="since">The event that asked: a rule of before says nothing of its own.</param>
    public bool Means(AgentRecord? agent, string id, RoomRecord? record, long since) =>
        agent is not null && agent.Id == id
        && (agent.Since <= (Since ?? since) || (agent.User is { } user && record?.Members.GetValueOrDefault(user) is { ViaOpen: false, Pending: false }));

    /// <summary>What of it an approval keeps: who decides, and how.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("by"u8);
        By.WriteTo(writer);
        if (Confirm)
        {
            writer.WriteBoolean("confirm"u8, value: true);
        }

        if (Since is { } since && By.All.Any(static approver => approver.Kind == ApproverKind.Agent))
        {
            writer.WriteNumber("since"u8, since);
        }

        writer.WriteEndObject();
    }

    private static SyncError Bad(string message, string field) => new SyncError(ErrorCode.InvalidParam, message)
    {
        Hint = "Write {\"approve\": {\"by\": \"person\"}}, with 'when', 'timeout_ms' and 'confirm' as you need them.",
        Help = "gates",
    }.With("field", field);

    private sealed class Draft(string place, RoomLanguage language)
    {
        public string Field => place;

        public RoomLanguage Language => language;

        public Approvers? By { get; set; }

        public Expression? When { get; set; }

        public TimeSpan Timeout { get; set; } = DefaultTimeout;

        public bool Confirm { get; set; }
    }
}
