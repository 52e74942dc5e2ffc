using System.Text.Json.Nodes;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Answers;

/// <summary>
/// What a refusal says in <c>WWW-Authenticate</c>, for clients that know OAuth and nothing of this API: where to learn how to get a token (RFC 9728 §5.1),
/// whether the one presented is bad, and which scope would have done (RFC 6750 §3.1).
/// </summary>
internal static class BearerChallenge
{
    /// <summary>The challenge, or null for a refusal that another token would not change.</summary>
    /// <param name="error">The refusal.</param>
    /// <param name="publicUrl">The server's address.</param>
    /// <param name="resource">Path of the protected resource, such as <c>/mcp</c>; empty for the API.</param>
    public static string? Of(SyncError error, string publicUrl, string resource = "")
    {
        var metadata = $"resource_metadata=\"{publicUrl}/.well-known/oauth-protected-resource{resource}\"";
        if (error.Code == ErrorCode.InvalidToken)
        {
            return $"Bearer {metadata}, error=\"invalid_token\"";
        }

        if (error.Code.Kind == ErrorKind.Unauthenticated)
        {
            // No error code when no token was presented.
            return "Bearer " + metadata;
        }

        // A refusal that says itself what to ask for knows what the token has.
        return MissingScope(error) is { } missing && (error.Details is { } details ? Text(details, "scope") ?? missing : missing) is { } scope ? $"Bearer error=\"insufficient_scope\", scope=\"{scope}\", {metadata}" : null;
    }

    /// <summary>The scope a refused token would have needed; null when none would have helped.</summary>
    public static string? MissingScope(SyncError error)
    {
        if (error.Code.Kind != ErrorKind.Forbidden)
        {
            return null;
        }

        if (error.Next.FirstOrDefault(static step => step.Kind == StepKind.WidenToken) is { } widen && widen.Text("room") is { } room && widen["level"] is AccessLevel level)
        {
            return Scope.TextOf(room, level, agent: null);
        }

        return error.Code == ErrorCode.ScopeDenied && error.Details is { } details && Text(details, "scope") is { } scope && scope.Split(' ').Contains("create_rooms", StringComparer.Ordinal) ? scope : null;
    }

    private static string? Text(JsonObject details, string name) => details[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
