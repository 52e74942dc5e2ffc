using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Packs;

namespace Sync.Engine.Reads.Pages;

/// <summary>An installed pack, in a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Description">What it is for, or null.</param>
/// <param name="By">The agent that installed it, or null.</param>
/// <param name="At">When it was installed or upgraded last.</param>
public sealed record PackModel(string Name, string Version, string? Description, string? By, DateTimeOffset At)
{
    /// <summary>The event that installed or upgraded it.</summary>
    public long Seq { get; init; }

    /// <summary>What it brought along and nobody has replaced since: <c>actions.claim</c>, <c>views.queue</c>, <c>state._shared.limit</c>.</summary>
    public IReadOnlyList<string> Parts => PackRecord.Read(Source) is { } record ? [.. record.Parts.Keys] : [];

    // Kept whole, since models are compared by their parts and lists are not equal to one another.
    internal Entry? Source { get; init; }

    /// <summary>The pack that an entry names, or null.</summary>
    internal static PackModel? Of(Entry entry) =>
        PackRecord.Read(entry) is { } pack ? new PackModel(entry.Key, pack.Version, pack.Description, entry.Writer, entry.UpdatedAt) { Seq = entry.Seq, Source = entry } : null;
}
