using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Reads.Packs;
using Sync.Engine.Services.Packs;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Connect;

/// <summary>A pack that a room can begin with or be given, in words for a person who chooses.</summary>
/// <param name="Pack">What it brings.</param>
public sealed record Template(PackOutline Pack)
{
    /// <summary>Those that come with the server, the simplest first.</summary>
    public static ImmutableArray<Template> All { get; } = [.. PackService.Outlines.Select(static pack => new Template(pack))];

    /// <summary>Its name as a title.</summary>
    public string Title => char.ToUpper(Pack.Name[0], CultureInfo.InvariantCulture) + Pack.Name[1..].Replace('_', ' ');

    /// <summary>The views that the room's page draws.</summary>
    public int Surfaces => Pack.Views.Count(static view => view.Surface is not null);

    /// <summary>What it brings in numbers.</summary>
    public string Sum
    {
        get
        {
            List<string> parts = [Counted.Of(Pack.Actions.Length, "action"), Counted.Of(Surfaces, "surface")];
            if (Pack.Roles.Length > 0)
            {
                parts.Add(Counted.Of(Pack.Roles.Length, "role"));
            }

            if (Pack.Actions.Count(static action => action.Asks) is > 0 and var asked)
            {
                parts.Add(asked == 1 ? "1 asks a person" : $"{asked} ask a person");
            }

            return string.Join(", ", parts);
        }
    }

    /// <summary>Whose right what it brings runs with.</summary>
    public string Rights =>
        "Everybody who may write in the room may invoke its actions; they write shared scopes only, and their text is yours to change." + (Pack.Actions.Any(static action => action.Holds) ? " Work in hand is held by a lease and is free again when its holder dies." : "")
        + (Pack.Actions.Any(static action => action.Asks) ? " What asks a person waits for a decision in a signed-in browser." : "");

    /// <summary>The one of a name, or null.</summary>
    public static Template? Find(string? name) => All.FirstOrDefault(template => template.Pack.Name == name);
}
