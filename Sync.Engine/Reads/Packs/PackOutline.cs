using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Packs;

/// <summary>What a pack brings, for who chooses among packs. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="Actions">Its actions, in its order.</param>
/// <param name="Views">Its views, in its order.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Help">The keys of its help texts.</param>
public sealed record PackOutline(
    string Name, string Version, string? Description, ImmutableArray<OutlinedAction> Actions, ImmutableArray<OutlinedView> Views, ImmutableArray<OutlinedRole> Roles, ImmutableArray<string> Help)
{
    internal static PackOutline Of(Pack pack) => new(
        pack.Name,
        pack.Version,
        pack.Description,
        [.. Parts(pack, PackPartKind.Action).Select(ActionOf)],
        [.. Parts(pack, PackPartKind.View).Select(ViewOf)],
        [.. Parts(pack, PackPartKind.Role).Select(static part => new OutlinedRole(part.Key, TextOf(part.Value)))],
        [.. Parts(pack, PackPartKind.Help).Select(static part => part.Key)]);

    private static IEnumerable<PackPart> Parts(Pack pack, PackPartKind kind) => pack.Parts.Where(part => part.Kind == kind);

    private static OutlinedAction ActionOf(PackPart part)
    {
        var definition = part.Value.ToElement();
        return new OutlinedAction(part.Key, Member(definition, "description"), definition.TryGetProperty("approve", out _), definition.TryGetProperty("lease", out _));
    }

    private static OutlinedView ViewOf(PackPart part)
    {
        var definition = part.Value.ToElement();
        var render = definition.TryGetProperty("render", out var hint) && hint.ValueKind == JsonValueKind.Object ? Member(hint, "type") ?? "json" : null;
        return new OutlinedView(part.Key, Member(definition, "description"), render);
    }

    private static string? Member(JsonElement definition, string name) => definition.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? TextOf(JsonText value) => value.ToElement() switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } description => Member(description, "description"),
        _ => null,
    };
}

/// <summary>An action of a pack.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">What it does, or null.</param>
/// <param name="Asks">Whether somebody has to approve what it does.</param>
/// <param name="Holds">Whether it takes, needs or ends a lease.</param>
public sealed record OutlinedAction(string Id, string? Description, bool Asks, bool Holds);

/// <summary>A view of a pack.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Description">What it shows, or null.</param>
/// <param name="Surface">How the room's page draws it, or null for a view that it does not draw.</param>
public sealed record OutlinedView(string Id, string? Description, string? Surface);

/// <summary>A role of a pack.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, or null.</param>
public sealed record OutlinedRole(string Name, string? Description);
