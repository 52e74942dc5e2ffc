using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>Keys that mean something to the engine.</summary>
internal static class LeaseKeys
{
    private const string RolePrefix = "role:";

    /// <summary>What a key begins with that was made for paths alone.</summary>
    public const string PathsPrefix = "paths:";

    /// <summary>The key of a declared role.</summary>
    public static string OfRole(string role) => RolePrefix + role;

    /// <summary>The lease of a key as conditions name it.</summary>
    public static string ExpressionOf(string key) => $"leases[{JsonText.Of(key)}]";

    /// <summary>The declared role that a key stands for, or null.</summary>
    public static string? RoleOf(string key) => key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length ? key[RolePrefix.Length..] : null;
}
