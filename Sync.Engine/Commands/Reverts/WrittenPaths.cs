using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Reverts;

/// <summary>Which places inside a value one edit writes, and whether two edits meet. Places are dotted paths; the empty one is the value itself.</summary>
internal static class WrittenPaths
{
    /// <summary>Whether a later edit wrote what an edit that is reverted had written, so that it is no longer there to undo. Edits that combine do not meet.</summary>
    public static bool Meet(ValueEdit reverted, ValueEdit later)
    {
        if (reverted.Kind == later.Kind && reverted.Kind is EditKind.Increment or EditKind.Append && reverted.Path == later.Path)
        {
            return false;
        }

        // A new item at the end of a list leaves those before it alone.
        return !(later.Kind == EditKind.Append && Of(reverted).All(path => path.Length > (later.Path ?? "").Length))
            && Of(later).Any(other => Of(reverted).Any(path => Overlap(path, other)));
    }

    /// <summary>The same where the value was written as a whole: what of it a later edit wrote.</summary>
    public static bool Meet(JsonText written, ValueEdit later) =>
        later.Kind is not (EditKind.Increment or EditKind.Append) && Of(later).Any(path => path.Length == 0 || Has(written, path));

    /// <summary>Whether an edit goes by the place of an item in a list that another edit has made longer or shorter.</summary>
    public static bool CountsItems(ValueEdit later, string list) =>
        later.Path is { } path && (list.Length == 0 || path.StartsWith(list + ".", StringComparison.Ordinal)) && IsIndex(path[(list.Length == 0 ? 0 : list.Length + 1)..].Split('.')[0]);

    /// <summary>Whether a part of a path is the place of an item.</summary>
    public static bool IsIndex(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);

    private static ImmutableArray<string> Of(ValueEdit edit) =>
        edit.Kind == EditKind.Merge ? Leaves(edit.Operand, edit.Path ?? "")
        : edit is { Kind: EditKind.Remove, Path: { } path } && IsIndex(path.Split('.')[^1]) ? [path.Contains('.') ? path[..path.LastIndexOf('.')] : ""]
        : [edit.Path ?? ""];

    private static ImmutableArray<string> Leaves(JsonText patch, string at)
    {
        using var document = patch.Parse();
        var leaves = ImmutableArray.CreateBuilder<string>();
        Add(document.RootElement, at);
        return leaves.ToImmutable();

        void Add(JsonElement value, string path)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                leaves.Add(path);
                return;
            }

            foreach (var member in value.EnumerateObject())
            {
                Add(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}");
            }
        }
    }

    private static bool Overlap(string one, string other) => IsWithin(one, other) || IsWithin(other, one);

    private static bool IsWithin(string path, string outer) => outer.Length == 0 || path == outer || path.StartsWith(outer + ".", StringComparison.Ordinal);

    private static bool Has(JsonText value, string path)
    {
        using var document = value.Parse();
        var at = document.RootElement;
        foreach (var part in path.Split('.'))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
            {
                return at.ValueKind == JsonValueKind.Array;
            }
        }

        return true;
    }
}
