using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Model.Packs;

/// <summary>Reads packs: a name of one that is built in, a document as JSON, or one as a text of YAML or JSON. What it takes is what the served schema says.</summary>
internal static partial class PackParser
{
    /// <summary>How deep a value may stand below the document, with its definition around it.</summary>
    public const int Levels = 6;

    private const string Form = "Send {\"pack\": \"task_queue\"}, or a document: {\"pack\": {\"name\": \"triage\", \"version\": \"1.0.0\", \"actions\": [{\"id\": \"report\", \"writes\": […]}]}}.";

    private static readonly string[] s_fields = ["$schema", "name", "version", "description", "actions", "views", "help", "roles", "state", "left_out"];

    /// <summary>Reads what somebody gave.</summary>
    /// <param name="given">The name or the document.</param>
    /// <param name="limits">The room's bounds.</param>
    /// <remarks>Errors: <c>invalid_pack</c>, <c>pack_not_found</c>.</remarks>
    public static Outcome<Pack> Read(JsonElement given, RoomLimits limits)
    {
        switch (given.ValueKind)
        {
            case JsonValueKind.Object:
                return JsonText.LengthOf(given) > Pack.MaxBytes ? TooLong() : Parse(given, limits);
            case JsonValueKind.String:
                var text = given.GetString()!; // It is a string.
                return NamePattern().IsMatch(text) ? BuiltIn(text)
                    : text.Length > Pack.MaxBytes ? TooLong()
                    : PackYaml.Read(text).Try(out var document, out var error) ? Parse(document.ToElement(), limits)
                    : error;
            default:
                return Bad("A pack is the name of one that is built in, or a document.", field: null);
        }
    }

    /// <summary>Reads a document that is an object.</summary>
    public static Outcome<Pack> Parse(JsonElement document, RoomLimits limits)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            return Bad("A pack's document is an object.", field: null);
        }

        if (JsonRules.CheckMembers(document, limits.JsonDepth + Levels) is { } malformed)
        {
            return malformed;
        }

        foreach (var member in document.EnumerateObject())
        {
            if (!s_fields.Contains(member.Name))
            {
                var near = NearestName.Of(member.Name, s_fields);
                return new SyncError(ErrorCode.InvalidPack, $"A pack has no field '{Identifiers.Shown(member.Name)}'.")
                {
                    Hint = near is null ? "It has name, version, description, actions, views, help, roles and state." : $"Did you mean '{near}'?",
                    Help = "packs",
                }.With("field", Identifiers.Shown(member.Name));
            }
        }

        if (!TextOf(document, "name").Try(out var name, out var error) || !TextOf(document, "version").Try(out var version, out error) || !TextOf(document, "description").Try(out var description, out error))
        {
            return error;
        }

        if (name is null || !NamePattern().IsMatch(name))
        {
            return Bad("A pack's 'name' is 1 to 64 of a-z, 0-9, '_' and '-', and begins with a letter.", "name");
        }

        if (version is null || !VersionPattern().IsMatch(version))
        {
            return Bad("A pack's 'version' is 1 to 32 letters, digits, '.', '+' and '-', such as \"1.0.0\".", "version");
        }

        if (description?.Length > Pack.MaxDescription)
        {
            return Bad($"A pack's 'description' has at most {Pack.MaxDescription:N0} characters.", "description");
        }

        var parts = ImmutableArray.CreateBuilder<PackPart>();
        if ((ReadState(document, parts, limits) ?? ReadRoles(document, parts) ?? ReadDefinitions(document, "actions", parts) ?? ReadDefinitions(document, "views", parts) ?? ReadHelp(document, parts)) is { } refused)
        {
            return refused;
        }

        if (parts.Count > Pack.MaxParts)
        {
            return Bad($"A pack has at most {Pack.MaxParts} parts, and this one has {parts.Count}.", field: null);
        }

        return parts.GroupBy(static part => part.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Count() > 1) is { } twice
            ? Bad($"The pack has '{Identifiers.Shown(twice.Key)}' twice.", Identifiers.Shown(twice.Key))
            : new Pack { Name = name, Version = version, Description = description, Parts = parts.ToImmutable() };
    }

    private static Outcome<Pack> BuiltIn(string name)
    {
        if (BuiltInPacks.Find(name) is { } pack)
        {
            return pack;
        }

        var near = NearestName.Of(name, BuiltInPacks.Names);
        return new SyncError(ErrorCode.PackNotFound, $"There is no pack '{name}' built in.")
        {
            Hint = near is null ? $"Built in are {string.Join(", ", BuiltInPacks.Names)}; any other is sent as a document." : $"Did you mean '{near}'?",
            Help = "packs",
        }.With("pack", name).With("available", new System.Text.Json.Nodes.JsonArray([.. BuiltInPacks.Names.Select(static known => (System.Text.Json.Nodes.JsonNode)known)])).WithSuggestion(near);
    }

    private static SyncError? ReadDefinitions(JsonElement document, string field, ImmutableArray<PackPart>.Builder parts)
    {
        if (!IsGiven(document, field, out var list))
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            return Bad($"'{field}' is a list of definitions.", field);
        }

        var number = 0;
        foreach (var definition in list.EnumerateArray())
        {
            var place = $"{field}[{number++}]";
            if (definition.ValueKind != JsonValueKind.Object || !definition.TryGetProperty("id"u8, out var named) || named.ValueKind != JsonValueKind.String)
            {
                return Bad($"'{place}' is a definition with an 'id'.", place);
            }

            var id = named.GetString()!; // It is a string.
            if (field == "views")
            {
                parts.Add(PackPart.View(id, JsonText.Of(definition)));
                continue;
            }

            if (!definition.TryGetProperty("from"u8, out var from))
            {
                parts.Add(PackPart.Action(id, JsonText.Of(definition)));
                continue;
            }

            if (from.ValueKind != JsonValueKind.String || !from.ValueEquals("standard_library"u8) || definition.EnumerateObject().Any(static member => member.Name is not ("from" or "id")))
            {
                return Bad($"'{place}' is taken from the standard library as {{\"from\": \"standard_library\", \"id\": \"vote\"}}, and has nothing beside.", place);
            }

            if (StandardLibrary.Find(id) is not { } found)
            {
                return Bad($"The standard library has no action '{Identifiers.Shown(id)}'.", place) with { Help = "standard_library" };
            }

            parts.Add(PackPart.Action(id, JsonText.Of(found)));
        }

        return null;
    }

    private static SyncError? ReadHelp(JsonElement document, ImmutableArray<PackPart>.Builder parts)
    {
        if (!IsGiven(document, "help", out var texts))
        {
            return null;
        }

        if (texts.ValueKind != JsonValueKind.Object)
        {
            return Bad("'help' is an object from keys to texts.", "help");
        }

        foreach (var text in texts.EnumerateObject())
        {
            if (text.Value.ValueKind != JsonValueKind.String || Identifiers.CheckName("help key", text.Name) is not null)
            {
                return Bad($"'help.{Identifiers.Shown(text.Name)}' is a text under a printable key.", $"help.{Identifiers.Shown(text.Name)}");
            }

            parts.Add(PackPart.Help(text.Name, JsonText.Of(text.Value)));
        }

        return null;
    }

    private static SyncError? ReadRoles(JsonElement document, ImmutableArray<PackPart>.Builder parts)
    {
        if (!IsGiven(document, "roles", out var roles))
        {
            return null;
        }

        if (roles.ValueKind != JsonValueKind.Object)
        {
            return Bad("'roles' is an object from names to descriptions.", "roles");
        }

        foreach (var role in roles.EnumerateObject())
        {
            if (role.Value.ValueKind != JsonValueKind.String || role.Name.Length > 128 || Identifiers.CheckName("role", role.Name) is not null)
            {
                return Bad($"'roles.{Identifiers.Shown(role.Name)}' is a description under a name of at most 128 printable characters.", $"roles.{Identifiers.Shown(role.Name)}");
            }

            parts.Add(PackPart.Role(role.Name, JsonText.Of(role.Value)));
        }

        return null;
    }

    private static SyncError? ReadState(JsonElement document, ImmutableArray<PackPart>.Builder parts, RoomLimits limits)
    {
        if (!IsGiven(document, "state", out var scopes))
        {
            return null;
        }

        if (scopes.ValueKind != JsonValueKind.Object)
        {
            return Bad("'state' is an object from shared scopes to keys and values.", "state");
        }

        foreach (var scope in scopes.EnumerateObject())
        {
            var place = $"state.{Identifiers.Shown(scope.Name)}";
            if (scope.Value.ValueKind != JsonValueKind.Object || Identifiers.CheckScope(scope.Name) is not null || !ReservedScopes.IsPublic(scope.Name) || scope.Name.Contains('.', StringComparison.Ordinal))
            {
                return Bad($"'{place}' is an object from keys to values, of a scope that all share: its name begins with '_' and has no dot.", place);
            }

            if (ReservedScopes.IsEngineOnly(scope.Name) || scope.Name is ReservedScopes.Help or ReservedScopes.Roles or ReservedScopes.RoleHolders)
            {
                return Bad($"A pack gives '{scope.Name}' no values in 'state'.", place) with { Hint = "Definitions, help texts and roles have fields of their own; the rest the engine writes.", Help = "packs" };
            }

            foreach (var entry in scope.Value.EnumerateObject())
            {
                if (Identifiers.CheckName("key", entry.Name) is { } badKey)
                {
                    return badKey.With("field", place);
                }

                if (JsonRules.Depth(JsonText.Of(entry.Value).Span) > limits.JsonDepth)
                {
                    return JsonRules.TooDeep($"The value of '{Identifiers.Shown(entry.Name)}'", limits.JsonDepth, limits.JsonDepth).With("field", place);
                }

                parts.Add(PackPart.State(scope.Name, entry.Name, JsonText.Of(entry.Value)));
            }
        }

        return null;
    }

    private static bool IsGiven(JsonElement document, string field, out JsonElement value) => document.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;

    private static Outcome<string?> TextOf(JsonElement document, string field) =>
        !IsGiven(document, field, out var value) ? (string?)null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Bad($"A pack's '{field}' is a text.", field);

    private static SyncError TooLong() => BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "pack", "request", Pack.MaxBytes, $"A pack has at most {Pack.MaxBytes / 1024:N0} KB.", "Write less, or make two packs of it.");

    private static SyncError Bad(string message, string? field)
    {
        var error = new SyncError(ErrorCode.InvalidPack, message) { Hint = field is null or "name" or "version" ? Form : null, Help = "packs" };
        return field is null ? error : error.With("field", field);
    }

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
