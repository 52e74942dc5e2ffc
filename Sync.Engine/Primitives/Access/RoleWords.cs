namespace Sync.Engine.Primitives.Access;

/// <summary>The words of <see cref="Role"/>.</summary>
public static class RoleWords
{
    /// <summary>The role as calls and refusals have it.</summary>
    public static string Word(this Role role) => role switch
    {
        Role.Observer => "observer",
        Role.Participant => "participant",
        Role.Collaborator => "collaborator",
        Role.Owner => "owner",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "A role without a word."),
    };

    /// <summary>The role of a word, or null.</summary>
    public static Role? Parse(string word) => word switch
    {
        "observer" => Role.Observer,
        "participant" => Role.Participant,
        "collaborator" => Role.Collaborator,
        "owner" => Role.Owner,
        _ => null,
    };
}
