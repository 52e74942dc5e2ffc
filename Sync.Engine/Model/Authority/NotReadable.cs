using Sync.Cel.Values;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Authority;

/// <summary>The values of what may not be read: an error, never null, so that nobody takes a closed scope for an empty one.</summary>
internal static class NotReadable
{
    /// <summary>The code of such errors.</summary>
    public const string Code = "not_readable";

    public static CelValue Self { get; } = CelValue.Error(new CelError(
        Code,
        "'state.self' is not readable here.",
        "It is readable where an action's or a shared view's own expression names it, not in a condition of an entry and not in what is reached from a value, a key or another view."));

    public static CelValue Scope(string name) => CelValue.Error(new CelError(
        Code,
        $"The scope '{Identifiers.Shown(name)}' is private and not readable here.",
        "A definition reads shared scopes, its registrant's own and those granted to it. The agent whose scope it is can publish a part of it by a view of its scope."));
}
