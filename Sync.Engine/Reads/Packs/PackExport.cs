using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Packs;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Packs;

/// <summary>A room's vocabulary as a pack: its shared definitions, the help texts that it wrote and the roles that it declares. What is in the scope of an agent stays the agent's, and is named.</summary>
internal static class PackExport
{
    /// <summary>The document; installed into an empty room it gives the same vocabulary.</summary>
    /// <param name="reader">The room, for what shows in it now.</param>
    /// <param name="name">The pack's name.</param>
    /// <param name="version">The pack's version.</param>
    /// <param name="description">What it is for, or null.</param>
    public static JsonText Of(RoomActivation reader, string name, string version, string? description)
    {
        var state = reader.Moment.State;
        var (parts, left) = (ImmutableArray.CreateBuilder<PackPart>(), new JsonArray());
        foreach (var action in state.Actions.Values.Where(action => !action.IsShadowed && reader.IsVisible(action.Entry, ReservedScopes.Actions)))
        {
            Add(PackPart.Action(action.Id, action.Definition.Source), action.Definition.Scope, action.Definition.Problem is null);
        }

        foreach (var view in state.Views.Values.Where(view => view.Entry is not { } entry || reader.IsVisible(entry, ReservedScopes.Views)))
        {
            Add(PackPart.View(view.Id, view.Source), view.Scope, view.Expression.Issue is null);
        }

        foreach (var text in state.Scope(ReservedScopes.Help)?.Entries.Values.Where(text => reader.IsVisible(text, ReservedScopes.Help)) ?? [])
        {
            Add(PackPart.Help(text.Key, text.Value), ReservedScopes.Help, text.Value.Kind == System.Text.Json.JsonValueKind.String);
        }

        foreach (var role in state.Scope(ReservedScopes.Roles)?.Entries.Values.Where(role => reader.IsVisible(role, ReservedScopes.Roles)) ?? [])
        {
            var described = PackedRoom.WithoutDefiner(role.Value);
            Add(PackPart.Role(role.Key, described), ReservedScopes.Roles, described.Kind == System.Text.Json.JsonValueKind.String);
        }

        var pack = new Pack { Name = name, Version = version, Description = description, Parts = parts.ToImmutable() };
        if (left.Count == 0)
        {
            return pack.ToJson();
        }

        var document = (JsonObject)pack.ToJson().ToNode()!; // It is an object.
        document["left_out"] = left;
        return JsonText.Of(document);

        void Add(PackPart part, string scope, bool isUsable)
        {
            if (isUsable && ReservedScopes.IsPublic(scope))
            {
                parts.Add(part);
            }
            else
            {
                left.Add((JsonNode)part.Name);
            }
        }
    }

    /// <summary>A pack's name that is made of a room's id.</summary>
    public static string NameOf(string room)
    {
        var name = new StringBuilder();
        foreach (var letter in room.ToLowerInvariant())
        {
            name.Append(char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_' ? letter : '-');
        }

        return char.IsAsciiLetterLower(name[0]) ? name.ToString() : name.Insert(0, "room-").ToString(0, Math.Min(64, name.Length));
    }
}
