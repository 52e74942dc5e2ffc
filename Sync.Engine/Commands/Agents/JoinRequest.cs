using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Agents;

/// <summary>A join as asked for.</summary>
internal sealed record JoinRequest
{
    private static readonly string[] s_fields = ["id", "name", "role", "meta", "enabled", "state", "public_keys", "views"];

    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Role { get; init; }

    public JsonText? Meta { get; init; }

    /// <summary>The condition, which compiles.</summary>
    public string? Enabled { get; init; }

    /// <summary>Initial private keys.</summary>
    public ImmutableArray<InitialKey> State { get; init; } = [];

    /// <summary>Names out of <see cref="State"/> that get a view each.</summary>
    public ImmutableArray<string> PublicKeys { get; init; } = [];

    /// <summary>View definitions of the agent's scope.</summary>
    public ImmutableArray<JsonElement> Views { get; init; } = [];

    /// <summary>Reads the body; <paramref name="standard"/> is the id of a caller that can only be one agent.</summary>
    public static Outcome<JoinRequest> Parse(JsonElement body, string? standard, RoomLanguage language)
    {
        var request = new JoinRequest { Id = standard ?? "" };
        if (JsonRules.CheckMembers(body, language.JsonDepth, static name => name switch { "state" => 1, "views" => 2, _ => 0 }) is { } malformed)
        {
            return malformed;
        }

        if (body.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            if (body.ValueKind != JsonValueKind.Object)
            {
                return new SyncError(ErrorCode.InvalidParameter, "The body is an object.") { Hint = "Send {\"id\": \"alice\", \"name\": \"Alice\"}." };
            }

            foreach (var member in body.EnumerateObject())
            {
                if (!request.Read(member, language).Try(out request!, out var error))
                {
                    return error;
                }
            }
        }

        if (request.Id.Length == 0)
        {
            request = request with { Id = Secret.NewId("agent-") };
        }

        return Identifiers.CheckAgentId(request.Id) is { } badId ? badId : request;
    }

    private Outcome<JoinRequest> Read(JsonProperty member, RoomLanguage language)
    {
        var value = member.Value;
        if (value.ValueKind == JsonValueKind.Null && s_fields.Contains(member.Name))
        {
            return this;
        }

        switch (member.Name)
        {
            case "id" when value.ValueKind == JsonValueKind.String:
                return this with { Id = value.GetString()! };
            case "name" when value.ValueKind == JsonValueKind.String && Identifiers.IsTitle(value.GetString()!, 200):
                return this with { Name = value.GetString() };
            case "role" when value.ValueKind == JsonValueKind.String && AgentRole.IsValid(value.GetString()!):
                return this with { Role = value.GetString() };
            case "meta":
                return this with { Meta = JsonText.Of(value) };
            case "enabled" when value.ValueKind == JsonValueKind.String:
                return language.Compile(value.GetString()!, "enabled").Try(out var enabled, out var error) ? this with { Enabled = enabled.Source } : error;
            case "state" when value.ValueKind == JsonValueKind.Object:
                foreach (var key in value.EnumerateObject())
                {
                    if (Identifiers.CheckName("key", key.Name) is { } badKey)
                    {
                        return badKey;
                    }
                }

                return this with { State = [.. value.EnumerateObject().Select(static k => new InitialKey(k.Name, JsonText.Of(k.Value)))] };
            case "public_keys" when value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(k => k.ValueKind == JsonValueKind.String):
                return this with { PublicKeys = [.. value.EnumerateArray().Select(k => k.GetString()!).Distinct(StringComparer.Ordinal)] };
            case "views" when value.ValueKind == JsonValueKind.Array:
                return this with { Views = [.. value.EnumerateArray()] };
        }

        if (s_fields.Contains(member.Name))
        {
            return new SyncError(ErrorCode.InvalidParameter, $"'{member.Name}' has a value that cannot be used.")
            {
                Hint = member.Name switch
                {
                    "state" => "It is an object of initial private keys.",
                    "public_keys" => "It is a list of names out of 'state'.",
                    "views" => "It is a list of view definitions.",
                    "enabled" => "It is a CEL expression in a string.",
                    "name" => "It is a string of 1 to 200 printable characters.",
                    "role" => AgentRole.Rule,
                    _ => "It is a string.",
                },
            }.With("field", member.Name);
        }

        var near = DidYouMean.Nearest(member.Name, s_fields);
        return new SyncError(ErrorCode.UnknownField, $"A join has no field '{Identifiers.Shown(member.Name)}'.")
        {
            Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
        }.With("field", Identifiers.Shown(member.Name));
    }
}

/// <summary>A private key that an agent begins with.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct InitialKey(string Key, JsonText Value);
