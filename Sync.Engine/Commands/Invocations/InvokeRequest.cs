using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>One invocation.</summary>
public sealed record InvokeRequest
{
    private static readonly string[] s_fields = ["params", "agent", "dry_run", "request_id", "consent", "if_action_version"];

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

    /// <summary>
    /// Reads <c>{params, agent, dry_run, request_id, consent, if_action_version}</c>. An unknown field is <c>unknown_field</c> with the nearest name; parameters given outside
    /// <c>params</c> are told so.
    /// </summary>
    public static Outcome<InvokeRequest> Parse(JsonElement body, string? idempotencyKey)
    {
        if (body.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return CheckId(new InvokeRequest { RequestId = idempotencyKey });
        }

        return body.ValueKind == JsonValueKind.Object
            ? Parse(body.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, member.Value)), idempotencyKey)
            : new SyncError(ErrorCode.InvalidParameter, "The body is an object.") { Hint = "Send {\"params\": {…}}." };
    }

    /// <summary>The same of members that are there one by one.</summary>
    public static Outcome<InvokeRequest> Parse(IEnumerable<KeyValuePair<string, JsonElement>> members, string? idempotencyKey)
    {
        var request = new InvokeRequest { RequestId = idempotencyKey };
        foreach (var (name, value) in members)
        {
            switch (name)
            {
                case "params":
                    request = request with { Params = value };
                    break;
                case "agent" when value.ValueKind is JsonValueKind.String or JsonValueKind.Null:
                    request = request with { Agent = value.GetString() };
                    break;
                case "dry_run" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    request = request with { DryRun = value.GetBoolean() };
                    break;
                case "request_id" when value.ValueKind == JsonValueKind.String && idempotencyKey is not null && !value.ValueEquals(idempotencyKey):
                    return new SyncError(ErrorCode.InvalidParameter, "The request has two request keys that differ, one beside its body and 'request_id' in it.")
                    {
                        Hint = "Send one of them, or the same in both.",
                    }.With("field", "request_id");
                case "request_id" when value.ValueKind is JsonValueKind.String or JsonValueKind.Null:
                    request = request with { RequestId = value.GetString() ?? request.RequestId };
                    break;
                case "consent" when value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(static word => word.ValueKind == JsonValueKind.String && word.ValueEquals(Commands.Writes.Publishing.SelfState))):
                    request = request with { Consent = value.ValueKind == JsonValueKind.Null || value.GetArrayLength() == 0 ? [] : [Commands.Writes.Publishing.SelfState] };
                    break;
                case "consent":
                    return new SyncError(ErrorCode.InvalidParameter, "'consent' lists what may be published; there is only \"state.self\".") { Hint = "Send \"consent\": [\"state.self\"], or leave it out." }.With("field", "consent");
                case "if_action_version" when value.ValueKind is JsonValueKind.String or JsonValueKind.Null:
                    request = request with { IfActionVersion = value.GetString() };
                    break;
                case "agent" or "dry_run" or "request_id" or "if_action_version":
                    return new SyncError(ErrorCode.InvalidParameter, $"'{name}' has a value of the wrong type.")
                    {
                        Hint = name == "dry_run" ? "It is true or false." : "It is a string.",
                    }.With("field", name);
                default:
                    return UnknownField(name, hasParams: members.Any(static member => member.Key == "params"));
            }
        }

        return CheckId(request);
    }

    private static SyncError UnknownField(string name, bool hasParams)
    {
        var near = DidYouMean.Nearest(name, s_fields);
        return new SyncError(ErrorCode.UnknownField, $"An invocation has no field '{Identifiers.Shown(name)}'.")
        {
            Hint = near is not null ? $"Did you mean '{near}'?"
                : hasParams ? $"Known are {string.Join(", ", s_fields)}. Parameters of the action go inside 'params'."
                : $"Parameters go inside 'params': {{\"params\": {{\"{Identifiers.Shown(name)}\": …}}}}.",
        }.With("field", Identifiers.Shown(name));
    }

    private static Outcome<InvokeRequest> CheckId(InvokeRequest request) =>
        request.RequestId is { } id && (id.Length is 0 or > 256)
            ? new SyncError(ErrorCode.InvalidParameter, "A request_id has 1 to 256 characters.").With("field", "request_id")
            : request;
}

/// <summary>An invocation's answer.</summary>
/// <param name="Json">The answer as UTF-8 JSON.</param>
/// <param name="Replayed">Whether this is the first answer, given again for the same idempotency key.</param>
public sealed record Invoked(ReadOnlyMemory<byte> Json, bool Replayed) : IJsonAnswer
{
    /// <summary>The same, typed.</summary>
    public InvocationReport Report => InvocationReport.Read(Json);
}
