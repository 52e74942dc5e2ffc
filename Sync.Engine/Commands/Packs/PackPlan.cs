using System.Collections.Immutable;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Packs;

/// <summary>
/// What putting a pack into a room does with each part. Three texts decide: that of the pack, that which the room has, and that which an earlier version of the pack had put there. What the room has changed
/// since stays, whole: texts of two hands are never made into one, for such a text would run with the rights of one of them.
/// </summary>
internal sealed record PackPlan(ImmutableArray<PackChange> Changes, PackRecord Record)
{
    /// <param name="moment">The room.</param>
    /// <param name="pack">The pack.</param>
    /// <param name="before">What the room knows of an earlier installation; null for the first one.</param>
    /// <param name="replace">Names of parts that are put there whatever the room has made of them.</param>
    public static PackPlan Of(Moment moment, Pack pack, PackRecord? before, IReadOnlySet<string> replace)
    {
        var others = OfOthers(moment, pack.Name);
        var changes = ImmutableArray.CreateBuilder<PackChange>(pack.Parts.Length);
        var record = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var part in pack.Parts)
        {
            var change = Decide(moment, part, before, replace.Contains(part.Name));
            changes.Add(change);

            // What the pack put there, now or before, is its own, also where the room has made something else of it; so is what another pack put there that says the same.
            if (change.Kind is PackChangeKind.Add or PackChangeKind.Change || before?.Parts.ContainsKey(part.Name) == true || (change.Kind == PackChangeKind.Unchanged && others.Contains(part.Name)))
            {
                record[part.Name] = part.Version;
            }
        }

        var names = pack.Parts.Select(static part => part.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, version) in before?.Parts ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (names.Contains(name) || PackPart.Named(name) is not { } gone)
            {
                continue;
            }

            if (gone.Kind == PackPartKind.State)
            {
                // A first value is the room's once it is there; it goes with the pack at the latest.
                record[name] = version;
            }
            else if (Drop(moment, others, gone, version) is { } change)
            {
                changes.Add(change);
            }
        }

        return new PackPlan(changes.ToImmutable(), new PackRecord(pack.Version, pack.Description, record.ToImmutable()));
    }

    /// <summary>What becomes of a part that is to go; null where it is gone already.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="others">Names of the parts that other packs have.</param>
    /// <param name="part">The part, without its text.</param>
    /// <param name="version">The version of the text that was put there.</param>
    public static PackChange? Drop(Moment moment, IReadOnlySet<string> others, PackPart part, string version) =>
        PackedRoom.VersionOf(moment, part) is not { } now ? null
        : others.Contains(part.Name) ? new PackChange(part, PackChangeKind.Keep, PackChange.OtherPack)
        : now == version ? new PackChange(part, PackChangeKind.Remove)
        : new PackChange(part, PackChangeKind.Keep, PackChange.ChangedInRoom);

    /// <summary>The parts of all other packs. Packs may bring the same text along; it goes with the last of them.</summary>
    public static IReadOnlySet<string> OfOthers(Moment moment, string pack) =>
        (moment.State.Scope(ReservedScopes.Packs)?.Entries.Values ?? []).Where(entry => entry.Key != pack).SelectMany(static entry => PackRecord.Read(entry)?.Parts.Keys ?? []).ToHashSet(StringComparer.Ordinal);

    private static PackChange Decide(Moment moment, PackPart part, PackRecord? before, bool replace)
    {
        var now = PackedRoom.VersionOf(moment, part);
        var put = before?.Parts.GetValueOrDefault(part.Name);
        if (now == part.Version)
        {
            return new PackChange(part, PackChangeKind.Unchanged);
        }

        if (replace)
        {
            return new PackChange(part, now is null ? PackChangeKind.Add : PackChangeKind.Change);
        }

        if (put is not null)
        {
            var kind = put == part.Version ? PackChangeKind.Keep : PackChangeKind.Conflict;
            return now == put ? new PackChange(part, PackChangeKind.Change)
                : new PackChange(part, kind, now is null ? PackChange.DeletedInRoom : PackChange.ChangedInRoom);
        }

        // First values are for keys that are not there, and a role that is declared is somebody's. A definition is registered over what is there, as whoever registers it would; by an upgrade nothing is
        // that its reader has not asked for.
        return now is null ? new PackChange(part, PackChangeKind.Add)
            : part.Kind is PackPartKind.State or PackPartKind.Role ? new PackChange(part, PackChangeKind.Keep, PackChange.RoomsOwn)
            : before is null ? new PackChange(part, PackChangeKind.Change)
            : new PackChange(part, PackChangeKind.Conflict, PackChange.RoomsOwn);
    }
}
