using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>
/// How a registered definition, of an action or a view, stands in its entry: as it was given, with <c>registered_by</c>, <c>registered_level</c> and <c>registered_user</c> added. They are
/// part of the value, so that its version changes with the registrant as it does with the text.
/// </summary>
internal static class Registration
{
    private const string RegisteredBy = "registered_by";
    private const string RegisteredLevel = "registered_level";
    private const string RegisteredUser = "registered_user";

    public static JsonText Sign(JsonText definition, string? agent, AccessLevel level, string? user)
    {
        // A definition was checked to be an object.
        var node = (JsonObject)definition.ToNode()!;
        if (agent is not null)
        {
            node[RegisteredBy] = agent;
        }

        node[RegisteredLevel] = level == AccessLevel.Admin ? "admin" : "write";
        if (user is not null)
        {
            node[RegisteredUser] = user;
        }

        return JsonText.Of(node);
    }

    public static JsonText Sign(JsonText definition, Actor actor) => Sign(definition, actor.Agent, actor.Level, actor.User);

    public static (JsonElement Definition, Registrant Registrant) Read(Entry entry)
    {
        // Written by Sign.
        var node = (JsonObject)entry.Value.ToNode()!;
        var agent = Take(node, RegisteredBy);
        AccessLevel? level = Take(node, RegisteredLevel) switch
        {
            "admin" => AccessLevel.Admin,
            "write" => AccessLevel.Write,
            _ => null,
        };
        var registrant = new Registrant(agent, level, Take(node, RegisteredUser), entry.Seq);
        return (JsonText.Of(node).ToElement(), registrant);
    }

    private static string? Take(JsonObject node, string field)
    {
        var text = node[field]?.GetValue<string>();
        node.Remove(field);
        return text;
    }
}
