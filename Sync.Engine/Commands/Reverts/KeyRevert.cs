using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Reverts;

/// <summary>
/// What one entry would be without the reverted writes: what it was before them, with the other writes made again one after another. Increments are so subtracted, an appended item is taken out, members
/// are what they were; what somebody wrote later stands as they wrote it. Pure.
/// </summary>
/// <param name="Entry">The entry then; null where it would not be there.</param>
/// <param name="Left">The newest later write that is in the way of undoing something; null where everything is undone.</param>
internal readonly record struct KeyRevert(PastEntry? Entry, PastWrite? Left)
{
    public static KeyRevert Of(RevertedKey key)
    {
        var (entry, left, shifted) = (key.Before, (PastWrite?)null, new List<string>());
        for (var index = 0; index < key.Writes.Length; index++)
        {
            var write = key.Writes[index];
            if (write.IsReverted)
            {
                shifted.AddRange(Shifted(write));
                continue;
            }

            left = IsInTheWay(key, index) ? write : left;
            if (write.Edits.IsEmpty)
            {
                // Written as a whole, or removed: what was before is not in it.
                (entry, shifted) = (write.After, []);
                continue;
            }

            if (write.Edits.Any(edit => shifted.Exists(list => WrittenPaths.CountsItems(edit, list))) || Again(write, entry?.Value) is not { } value)
            {
                // It counts on what is reverted: nothing of the entry can be undone for sure.
                return new KeyRevert(key.Writes[^1].After, write);
            }

            entry = new PastEntry(value, write.After!.Timer, write.After.Enabled); // An edit leaves an entry.
        }

        return new KeyRevert(entry, left);
    }

    // A later write of what a reverted one before it had written.
    private static bool IsInTheWay(RevertedKey key, int index)
    {
        var later = key.Writes[index];
        for (var before = index - 1; before >= 0; before--)
        {
            var reverted = key.Writes[before];
            if (reverted.IsReverted && Meet(reverted, later))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Meet(PastWrite reverted, PastWrite later) =>
        later.Edits.IsEmpty
        || (!reverted.Edits.IsEmpty ? reverted.Edits.Any(edit => later.Edits.Any(other => WrittenPaths.Meet(edit, other)))
            : reverted.After is not { } written || later.Edits.Any(other => WrittenPaths.Meet(written.Value, other)));

    // The lists whose items stand elsewhere without the write.
    private static IEnumerable<string> Shifted(PastWrite write) => write.Edits.IsEmpty
        ? write.After is { Value.Kind: System.Text.Json.JsonValueKind.Array } ? [""] : []
        : write.Edits.Where(static edit => edit.Kind == EditKind.Append || (edit is { Kind: EditKind.Remove, Path: { } path } && WrittenPaths.IsIndex(path.Split('.')[^1])))
            .Select(static edit => edit.Kind == EditKind.Append ? edit.Path ?? "" : edit.Path!.Contains('.') ? edit.Path[..edit.Path.LastIndexOf('.')] : ""); // As above.

    // The value with the write's edits; null where one of them cannot be made.
    private static JsonText? Again(PastWrite write, JsonText? value)
    {
        foreach (var edit in write.Edits)
        {
            if (Again(edit, value) is not { } next)
            {
                return null;
            }

            value = next;
        }

        return value;
    }

    private static JsonText? Again(ValueEdit edit, JsonText? value)
    {
        if (edit.Kind == EditKind.Remove)
        {
            return value is { } whole && edit.Path is { } path ? JsonEdit.Remove(whole, path).Value : null;
        }

        return edit.Path is { } at ? JsonEdit.At(value, at, Apply).Value : Apply(value);

        // The sum is another one now.
        JsonText? Apply(JsonText? before) => edit.Kind == EditKind.Increment ? JsonEdit.Add(before, edit.Operand) : edit.ApplyTo(before);
    }
}
