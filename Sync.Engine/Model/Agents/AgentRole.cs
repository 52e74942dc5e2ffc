using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Agents;

/// <summary>What a role is called.</summary>
internal static class AgentRole
{
    /// <summary>The label of an agent that asked for none: no role, unless a room declares one of that name.</summary>
    public const string Default = "agent";

    /// <summary>Characters at most.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule in words.</summary>
    public static readonly string Rule = $"It is a string of 1 to {MaxLength} printable characters.";

    /// <summary>Whether a text may be a role.</summary>
    public static bool IsValid(string role) => Identifiers.IsTitle(role, MaxLength);
}
