using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Packs;

/// <summary>What a room has where a pack has its parts, in the form in which packs give it: definitions without who registered them, roles without who defined them.</summary>
internal static class PackedRoom
{
    private const string Description = "description";
    private static readonly string[] s_ofDefiner = ["defined_by", "defined_at"];

    /// <summary>The text that stands where a part goes; null where nothing does.</summary>
    public static JsonText? Find(Moment moment, PackPart part) => part.Kind switch
    {
        PackPartKind.Action => moment.State.Actions.GetValueOrDefault(part.Key)?.Definition.Source,
        PackPartKind.View => moment.State.Views.GetValueOrDefault(part.Key)?.Source,
        PackPartKind.Role => Stored(moment, part) is { } role ? WithoutDefiner(role) : null,
        _ => Stored(moment, part),
    };

    /// <summary>The version of what stands there; null where nothing does.</summary>
    public static string? VersionOf(Moment moment, PackPart part) => Find(moment, part) is { } text ? CanonicalJson.Version(text) : null;

    /// <summary>The value that declares a role, as the standard library's <c>define_role</c> writes it.</summary>
    public static JsonText RoleOf(JsonText description, string? definer, DateTimeOffset now) =>
        JsonText.Of(new JsonObject { [Description] = description.ToNode(), ["defined_by"] = definer, ["defined_at"] = now.UtcDateTime });

    /// <summary>A declared role as a pack gives it: its description where it says nothing else.</summary>
    public static JsonText WithoutDefiner(JsonText value) =>
        value.Kind == JsonValueKind.Object && value.ToNode() is JsonObject role && role.All(static member => member.Key == Description || s_ofDefiner.Contains(member.Key))
        && role[Description] is JsonValue text && text.GetValueKind() == JsonValueKind.String
            ? JsonText.Of(text)
            : value;

    private static JsonText? Stored(Moment moment, PackPart part) => new WorkingCopy(moment).Before(part.Scope, part.Key)?.Value;
}
