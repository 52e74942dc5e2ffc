using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Packs;

/// <summary>One part of a pack: what stands under one key of one scope.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Scope">The scope it goes to.</param>
/// <param name="Key">The key it goes to.</param>
/// <param name="Value">A definition, a text or a value, as the pack gives it.</param>
internal sealed record PackPart(PackPartKind Kind, string Scope, string Key, JsonText Value)
{
    private string? _version;

    /// <summary>What it is called in answers and in the record of the pack: <c>actions.vote</c>, <c>state._tasks.1</c>.</summary>
    public string Name => NameOf(Kind, Scope, Key);

    /// <summary>The version of its text.</summary>
    public string Version => _version ??= CanonicalJson.Version(Value);

    public static PackPart Action(string id, JsonText definition) => new(PackPartKind.Action, ReservedScopes.Actions, id, definition);

    public static PackPart View(string id, JsonText definition) => new(PackPartKind.View, ReservedScopes.Views, id, definition);

    public static PackPart Help(string key, JsonText text) => new(PackPartKind.Help, ReservedScopes.Help, key, text);

    public static PackPart Role(string name, JsonText description) => new(PackPartKind.Role, ReservedScopes.Roles, name, description);

    public static PackPart State(string scope, string key, JsonText value) => new(PackPartKind.State, scope, key, value);

    /// <summary>A part without its text, by the name that a record gives it; null for what is no such name.</summary>
    public static PackPart? Named(string name)
    {
        var split = name.IndexOf('.', StringComparison.Ordinal);
        if (split <= 0 || split == name.Length - 1)
        {
            return null;
        }

        var rest = name[(split + 1)..];
        switch (name[..split])
        {
            case "actions":
                return Action(rest, JsonText.Null);
            case "views":
                return View(rest, JsonText.Null);
            case "help":
                return Help(rest, JsonText.Null);
            case "roles":
                return Role(rest, JsonText.Null);
            case "state" when rest.IndexOf('.', StringComparison.Ordinal) is var second && second > 0 && second < rest.Length - 1:
                return State(rest[..second], rest[(second + 1)..], JsonText.Null);
            default:
                return null;
        }
    }

    private static string NameOf(PackPartKind kind, string scope, string key) => kind switch
    {
        PackPartKind.Action => $"actions.{key}",
        PackPartKind.View => $"views.{key}",
        PackPartKind.Help => $"help.{key}",
        PackPartKind.Role => $"roles.{key}",
        _ => $"state.{scope}.{key}",
    };
}
