using System.Text.Json;

namespace Sync.Engine.Model.Events;

/// <summary>
/// The versions of what the log holds. What says none is of format 1. A format is raised when a reader of the one before would misread what is written; a field that can be left out needs none. Every
/// earlier format is read for ever, and a later one is refused: nothing is guessed.
/// </summary>
internal static class StoredFormat
{
    /// <summary>The newest format of events. 1, which is not written: whole values and edits. 2: <see cref="Batch"/>. 3: steps in the name of other agents than the event's, or of the engine.</summary>
    public const int Event = 3;

    /// <summary>The format of a batch, whose changes belong to its steps.</summary>
    public const int Batch = 2;

    /// <summary>The newest format of snapshots. 1: every entry with a version, by a rule that told large integers apart only as doubles; such versions are not read.</summary>
    public const int Snapshot = 2;

    /// <summary>Reads the format of something.</summary>
    /// <param name="root">The stored object.</param>
    /// <param name="newest">The newest format that is known.</param>
    /// <param name="what">What it is, in words.</param>
    /// <exception cref="NewerFormatException">It is of a later one.</exception>
    public static int Of(JsonElement root, int newest, string what)
    {
        if (!root.TryGetProperty("format"u8, out var stored))
        {
            return 1;
        }

        return stored.ValueKind == JsonValueKind.Number && stored.TryGetInt32(out var format) && format >= 1 && format <= newest
            ? format
            : throw new NewerFormatException($"{what} is of format {stored.GetRawText()}, and this version of Sync reads up to format {newest}. Run the newer version that wrote it, or restore a backup made before.");
    }
}

/// <summary>Something on disk is of a format that this version does not know: a newer one has written it.</summary>
internal sealed class NewerFormatException(string message) : Exception(message);
