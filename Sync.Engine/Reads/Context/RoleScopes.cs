namespace Sync.Engine.Reads.Context;

/// <summary>The scopes in which the standard library's actions keep roles.</summary>
internal static class RoleScopes
{
    public const string Declared = "_roles";
    public const string Held = "_role_holders";
}
