using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Services.Actions;

/// <summary>What tells a retry of an invocation from another request: the key that its <c>request_id</c> stands for, and what has to be the same under it.</summary>
internal static class RequestKey
{
    /// <summary>The key of a call, of one agent and action: the agents of one user do not meet each other's, nor does an agent those of the one that had its id before.</summary>
    public static string Of(RoomState state, Actor actor, string action, string requestId)
    {
        var holder = actor.Agent is { } agent
            ? string.Create(CultureInfo.InvariantCulture, $"{agent}\n{actor.Creates?.Since ?? state.Agents.GetValueOrDefault(agent)?.Since}")
            : $"\n{actor.Principal}";
        return Digest($"2\n{holder}\n{action}\n{requestId}");
    }

    /// <summary>The key that a call of before agents had keys of their own was logged with.</summary>
    public static string OfBefore(Actor actor, string requestId) => Digest($"{actor.Principal}\n{requestId}");

    /// <summary>Whether a logged call is the one that an agent sends again.</summary>
    public static bool IsSame(RoomEvent first, string? agent, string action, InvokeRequest request) => first.Agent == agent && first.Action == action && first.RequestHash == Hash(action, request);

    /// <summary>What tells a retry from another request under the same key.</summary>
    public static string Hash(string action, InvokeRequest request)
    {
        var body = CanonicalJson.Version(JsonText.Of(request.Params));
        var agreed = request is { Consent.IsEmpty: true, IfActionVersion: null } ? "" : $"\n{string.Join(',', request.Consent)}\n{request.IfActionVersion}";
        agreed += request.Fence is { } fence ? string.Create(CultureInfo.InvariantCulture, $"\n{fence}") : "";
        return CanonicalJson.Version(JsonText.Of($"{action}\n{request.Agent}\n{body}{agreed}"));
    }

    /// <summary>The refusal of another request under a key that was used.</summary>
    public static SyncError Conflict(string requestId) =>
        new SyncError(ErrorCode.IdempotencyConflict, "This request_id was used before, for another request.")
        {
            Hint = "Use a new request_id for a new request; repeat the same one only to retry the same request.",
        }.With("request_id", requestId);

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))[..16]);
}
