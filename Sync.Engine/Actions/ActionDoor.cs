using System.Text.Json;

namespace Sync.Engine;

/// <summary>Invoking and explaining actions.</summary>
public sealed class ActionDoor
{
    /// <summary>Invokes a built-in or custom action. See SPEC of invocation in docs/architecture.md for the order of checks.</summary>
    public Task<Outcome<Invoked>> InvokeAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Why an action is or is not available to the caller: each part of <c>enabled</c> and <c>if</c> with the value it had.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> ExplainAsync(Caller caller, string room, string action, InvokeRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException();
}

/// <summary>One invocation.</summary>
public sealed record InvokeRequest
{
    /// <summary>The parameters object; undefined or null means none.</summary>
    public JsonElement Params { get; init; }

    /// <summary>The agent to act as; only full access may name another than its own.</summary>
    public string? Agent { get; init; }

    /// <summary>Answer the same, commit nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Idempotency key, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>Reads <c>{params, agent, dry_run, request_id}</c>; an unknown field is <c>unknown_field</c> with the nearest name, parameters outside <c>params</c> are told so.</summary>
    public static Outcome<InvokeRequest> Parse(JsonElement body, string? idempotencyKey) => throw new InvalidOperationException();
}

/// <summary>An invocation's answer.</summary>
/// <param name="Json">The answer as UTF-8 JSON.</param>
/// <param name="Replayed">Whether this is the first answer, given again for the same idempotency key.</param>
public sealed record Invoked(ReadOnlyMemory<byte> Json, bool Replayed);
