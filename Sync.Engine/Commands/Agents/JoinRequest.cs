using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Agents;

/// <summary>A join as asked for.</summary>
internal sealed record JoinRequest
{
    private static readonly FieldTable<Draft> s_fields = RequestFields.TableFor<Draft>(static name => $"A join has no field '{name}'.", "Send {\"id\": \"alice\", \"name\": \"Alice\"}.")
        .AddText("id", static (draft, id) => draft.Request = draft.Request with { Id = id })
        .AddTitle("name", 200, static (draft, name) => draft.Request = draft.Request with { Name = name })
        .AddTitle("role", AgentRole.MaxLength, static (draft, role) => draft.Request = draft.Request with { Role = role })
        .Add("meta", "any value", static (draft, value) =>
        {
            draft.Request = draft.Request with { Meta = JsonText.Of(value) };
            return FieldReading.Taken;
        }, NullField.AbsentAlone)
        .Add("enabled", "a CEL expression in a string", static (draft, value) => draft.ReadEnabled(value))
        .Add("state", "an object of initial private keys", static (draft, value) => draft.ReadState(value))
        .Add("public_keys", "a list of names out of 'state'", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array || !value.EnumerateArray().All(static key => key.ValueKind == JsonValueKind.String))
            {
                return FieldReading.Unusable;
            }

            // They are strings.
            draft.Request = draft.Request with { PublicKeys = [.. value.EnumerateArray().Select(static key => key.GetString()!).Distinct(StringComparer.Ordinal)] };
            return FieldReading.Taken;
        })
        .Add("views", "a list of view definitions", static (draft, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return FieldReading.Unusable;
            }

            draft.Request = draft.Request with { Views = [.. value.EnumerateArray()] };
            return FieldReading.Taken;
        })
        .AddInteger("wait_ms", "a whole number of milliseconds", static (draft, milliseconds) => draft.WaitMs = milliseconds);

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
    public static Outcome<JoinRequest> Parse(JsonElement body, string? standard, RoomLanguage language) =>
        Parse(body, standard, language, out _);

    /// <summary>The same, with how long the join may wait for its room, in milliseconds as they were asked for: no part of what is to be done there.</summary>
    public static Outcome<JoinRequest> Parse(JsonElement body, string? standard, RoomLanguage language, out long? waitMs)
    {
        waitMs = null;
        if (JsonRules.CheckMembers(body, language.JsonDepth, static name => name switch { "state" => 1, "views" => 2, _ => 0 }) is { } malformed)
        {
            return malformed;
        }

        var draft = new Draft(language) { Request = new JoinRequest { Id = standard ?? "" } };
        if (body.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && s_fields.Read(body, draft) is { } refusal)
        {
            return refusal;
        }

        waitMs = draft.WaitMs;
        var request = draft.Request;
        if (request.Id.Length == 0)
        {
            request = request with { Id = Secret.NewId("agent-") };
        }

        return Identifiers.CheckAgentId(request.Id) is { } badId ? badId : request;
    }

    private sealed class Draft(RoomLanguage language)
    {
        public required JoinRequest Request { get; set; }

        public long? WaitMs { get; set; }

        public FieldReading ReadEnabled(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            // It is a string.
            if (!language.CompileCondition(value.GetString()!, "enabled").Try(out var enabled, out var error))
            {
                return error;
            }

            Request = Request with { Enabled = enabled.Source };
            return FieldReading.Taken;
        }

        public FieldReading ReadState(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return FieldReading.Unusable;
            }

            foreach (var key in value.EnumerateObject())
            {
                if (Identifiers.CheckName("key", key.Name) is { } badKey)
                {
                    return badKey;
                }
            }

            Request = Request with { State = [.. value.EnumerateObject().Select(static member => new InitialKey(member.Name, JsonText.Of(member.Value)))] };
            return FieldReading.Taken;
        }
    }
}

/// <summary>A private key that an agent begins with.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct InitialKey(string Key, JsonText Value);
