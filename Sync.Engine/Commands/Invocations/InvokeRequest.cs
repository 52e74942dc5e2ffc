using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Writes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>One invocation.</summary>
public sealed record InvokeRequest
{
    private static readonly FieldTable<Draft> s_fields = RequestFields.TableFor<Draft>(static name => $"An invocation has no field '{name}'.", "Send {\"params\": {…}}.", static (draft, problem) =>
            draft.HasParams ? $"{problem.Hint} Parameters of the action go inside 'params'." : $"Parameters go inside 'params': {{\"params\": {{\"{problem.Name}\": …}}}}.")
        .Add("params", "an object", static (draft, value) =>
        {
            // Its form is the action's matter: ParamSet.Bind.
            draft.Request = draft.Request with { Params = value };
            return FieldReading.Taken;
        }, NullField.Read)
        .AddText("agent", static (draft, agent) => draft.Request = draft.Request with { Agent = agent })
        .AddSwitch("dry_run", static (draft, dryRun) => draft.Request = draft.Request with { DryRun = dryRun })
        .Add("request_id", "a string", static (draft, value) => draft.ReadRequestId(value))
        .Add("consent", "[\"state.self\"], or left out", static (draft, value) => draft.ReadConsent(value))
        .AddText("if_action_version", static (draft, version) => draft.Request = draft.Request with { IfActionVersion = version })
        .AddInteger("fence", "the 'fence' of the lease that you hold", static (draft, fence) => draft.Request = draft.Request with { Fence = fence })
        .Add("wait_ms", $"a number of milliseconds, 0 to {MaxWaitMs}", static (draft, value) => draft.ReadWait(value))
        .Add("because", "{\"seq\": …}, {\"message\": …} or {\"approval\": …}", static (draft, value) => draft.ReadCause(value));

    private const int MaxWaitMs = 600_000;

    /// <summary>The parameters object; undefined or null means none.</summary>
    public JsonElement Params { get; init; }

    /// <summary>The agent to act as; only full access may name another than its own.</summary>
    public string? Agent { get; init; }

    /// <summary>Answer the same, commit nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Idempotency key, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>What the invoker agrees to have published: <c>state.self</c>, or nothing.</summary>
    public ImmutableArray<string> Consent { get; init; } = [];

    /// <summary>The version of the definition that was read, which must still be the one that is run; null asks for nothing.</summary>
    public string? IfActionVersion { get; init; }

    /// <summary>The fence of the lease that the invocation rests on; null leaves it to what the agent holds.</summary>
    public long? Fence { get; init; }

    /// <summary>How long to stand in line where what is wanted is not there yet; zero does not wait.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>What it follows from, as the caller says.</summary>
    public Cause? Because { get; init; }

    /// <summary>
    /// Reads <c>{params, agent, dry_run, request_id, consent, if_action_version, fence, wait_ms, because}</c>. An unknown field is <c>unknown_field</c> with the nearest name; parameters given outside
    /// <c>params</c> are refused with a hint that says so.
    /// </summary>
    public static Outcome<InvokeRequest> Parse(JsonElement body, string? idempotencyKey)
    {
        if (body.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return CheckId(new InvokeRequest { RequestId = idempotencyKey });
        }

        var draft = new Draft(idempotencyKey) { HasParams = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("params"u8, out _) };
        return s_fields.Read(body, draft) is { } refusal ? refusal : CheckId(draft.Request);
    }

    /// <summary>The same of members that are there one by one.</summary>
    public static Outcome<InvokeRequest> Parse(IReadOnlyCollection<KeyValuePair<string, JsonElement>> members, string? idempotencyKey)
    {
        var draft = new Draft(idempotencyKey) { HasParams = members.Any(static member => member.Key == "params") };
        return s_fields.Read(members, draft) is { } refusal ? refusal : CheckId(draft.Request);
    }

    /// <summary>The same with <c>wait_ms</c> of a claim's parameters, where some look for it, taken for the call's own.</summary>
    internal Outcome<InvokeRequest> For(string action)
    {
        if (action != BuiltInIds.Claim || Params.ValueKind != JsonValueKind.Object || !Params.TryGetProperty("wait_ms"u8, out var given))
        {
            return this;
        }

        var draft = new Draft(RequestId) { Request = this };
        if (!draft.ReadWait(given).IsUsable)
        {
            return new SyncError(ErrorCode.InvalidParam, $"'wait_ms' is a number of milliseconds, 0 to {MaxWaitMs}.").With("param", "wait_ms");
        }

        var node = (JsonObject)JsonText.Of(Params).ToNode()!; // It is an object.
        node.Remove("wait_ms");
        return draft.Request with { Params = JsonText.Of(node).ToElement() };
    }

    private static Outcome<InvokeRequest> CheckId(InvokeRequest request) =>
        request.RequestId is { } id && (id.Length is 0 or > 256)
            ? new SyncError(ErrorCode.InvalidParameter, "A request_id has 1 to 256 characters.").With("field", "request_id")
            : request;

    private sealed class Draft(string? idempotencyKey)
    {
        public InvokeRequest Request { get; set; } = new() { RequestId = idempotencyKey };

        /// <summary>Whether parameters are given where they belong.</summary>
        public bool HasParams { get; init; }

        public FieldReading ReadRequestId(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            if (idempotencyKey is not null && !value.ValueEquals(idempotencyKey))
            {
                return new SyncError(ErrorCode.InvalidParameter, "The request has two request keys that differ, one beside its body and 'request_id' in it.")
                {
                    Hint = "Send one of them, or the same in both.",
                }.With("field", "request_id");
            }

            Request = Request with { RequestId = value.GetString() };
            return FieldReading.Taken;
        }

        public FieldReading ReadWait(JsonElement value)
        {
            if (!(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var ms)) && !(value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out ms)))
            {
                return FieldReading.Unusable;
            }

            if (ms is < 0 or > MaxWaitMs)
            {
                return FieldReading.Unusable;
            }

            Request = Request with { Wait = TimeSpan.FromMilliseconds(ms) };
            return FieldReading.Taken;
        }

        public FieldReading ReadCause(JsonElement value)
        {
            if (!Cause.Parse(value).Try(out var cause, out var error))
            {
                return error;
            }

            Request = Request with { Because = cause };
            return FieldReading.Taken;
        }

        public FieldReading ReadConsent(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array
                || !value.EnumerateArray().All(static word => word.ValueKind == JsonValueKind.String && word.ValueEquals(Publishing.SelfState)))
            {
                return new SyncError(ErrorCode.InvalidParameter, "'consent' lists what may be published; there is only \"state.self\".")
                {
                    Hint = "Send \"consent\": [\"state.self\"], or leave it out.",
                }.With("field", "consent");
            }

            Request = Request with { Consent = value.GetArrayLength() == 0 ? [] : [Publishing.SelfState] };
            return FieldReading.Taken;
        }
    }
}

/// <summary>An invocation's answer.</summary>
/// <param name="Json">The answer as UTF-8 JSON.</param>
/// <param name="Replayed">Whether this is the first answer, given again for the same idempotency key.</param>
public sealed record Invoked(ReadOnlyMemory<byte> Json, bool Replayed) : IJsonAnswer
{
    /// <summary>The approval that it asked for instead of being done; null for what was done.</summary>
    public string? Approval { get; init; }

    /// <summary>The same, typed.</summary>
    public InvocationReport Report => InvocationReport.Read(Json);

    /// <summary>The same; where it waits for a decision, with the call that waits for it.</summary>
    /// <param name="steps">How calls are said.</param>
    /// <param name="room">The room that was asked.</param>
    public ReadOnlyMemory<byte> Told(IStepRenderer steps, string room) => Approval is null ? Json : LeanAnswer.Told(JsonText.Trusted(Json.ToArray()), steps, room).Memory;

    /// <summary>The same for a reader that knows what it sent and pays for each byte: without parameters, definitions and values that were sent, bounded where it is about a definition.</summary>
    /// <param name="steps">How calls are said.</param>
    /// <param name="room">The room that was asked.</param>
    public ReadOnlyMemory<byte> Lean(IStepRenderer steps, string room) => LeanAnswer.Of(JsonText.Trusted(Json.ToArray()), steps, room).Memory;
}
