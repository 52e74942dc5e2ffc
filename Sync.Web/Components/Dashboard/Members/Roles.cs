using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>Roles for people.</summary>
internal static class Roles
{
    /// <summary>All, the highest first.</summary>
    public static IReadOnlyList<Role> All { get; } = [Role.Owner, Role.Collaborator, Role.Participant, Role.Observer];

    /// <summary>A role as a word.</summary>
    public static string Word(Role? role) => role is { } known ? known.ToString().ToLowerInvariant() : "no role";

    /// <summary>What a role may do, in a few words.</summary>
    public static string Means(Role role) => role switch
    {
        Role.Owner => "holds the room",
        Role.Collaborator => "acts, edits what is shared",
        Role.Participant => "acts",
        _ => "reads",
    };
}
