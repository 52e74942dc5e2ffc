using System.Collections.Immutable;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Packs;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Packs;

/// <summary>A pack that was put into a room or taken out, as steps of one event.</summary>
/// <param name="Name">The pack.</param>
/// <param name="Record">What the room knows of it from now on; null where it is gone.</param>
/// <param name="Before">What the room knew of it; null for a first installation.</param>
/// <param name="Changes">What became of each part.</param>
/// <param name="Steps">The steps.</param>
internal sealed record PackInstallation(string Name, PackRecord? Record, PackRecord? Before, ImmutableArray<PackChange> Changes, PackSteps Steps)
{
    /// <summary>The most packs that a room has.</summary>
    public const int MaxPacks = 50;

    /// <summary>The room with the pack in it.</summary>
    public RoomState After => Steps.Moment.State;

    /// <summary>Puts a pack in, or a newer version of it. All or nothing.</summary>
    /// <remarks>Errors: those of the definitions and writes that it makes, each with <c>part</c>.</remarks>
    public static Outcome<PackInstallation> Install(InvocationInput input, Pack pack, IReadOnlySet<string> replace)
    {
        var entry = input.Moment.State.Find(ReservedScopes.Packs, pack.Name);
        var before = PackRecord.Read(entry);
        if (before is not null && MayNot(input, pack.Name, entry!) is { } denied) // It was read from it.
        {
            return denied;
        }

        if (replace.FirstOrDefault(name => !pack.Parts.Any(part => part.Name == name)) is { } unknown)
        {
            var near = NearestName.Of(unknown, pack.Parts.Select(static part => part.Name));
            return new SyncError(ErrorCode.InvalidParam, $"'replace' names '{Identifiers.Shown(unknown)}', and the pack has no such part.") { Hint = near is null ? "It lists parts as 'conflicts' names them." : $"Did you mean '{near}'?" }.With("param", "replace");
        }

        // Each installation looks at what the others have.
        var installed = input.Moment.State.Scope(ReservedScopes.Packs)?.Entries.Count ?? 0;
        var most = RoomQuota.Max(MaxPacks, RoomQuota.PartyOf(input.Actor, input.Moment));
        if (entry is null && installed >= most)
        {
            return BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, "packs", "room", most, $"The room has {installed:N0} packs, and {most:N0} is the most that you may bring it to.", "Uninstall packs that are done with.");
        }

        var plan = PackPlan.Of(input.Moment, pack, before, replace);
        var steps = new PackSteps(input);
        var refused = steps.Note(pack.Name, plan.Record);

        // What goes makes room for what comes.
        foreach (var change in plan.Changes.Where(static change => change.Kind == PackChangeKind.Remove).TakeWhile(_ => refused is null))
        {
            refused = steps.Delete(change.Part);
        }

        foreach (var change in plan.Changes.Where(static change => change.Kind is PackChangeKind.Add or PackChangeKind.Change).TakeWhile(_ => refused is null))
        {
            refused = steps.Put(change.Part);
        }

        return refused is not null ? refused : new PackInstallation(pack.Name, plan.Record, before, plan.Changes, steps);
    }

    /// <summary>Takes a pack out: what it put there and nobody has changed since. All or nothing.</summary>
    /// <remarks>Errors: <c>pack_not_found</c>, those of the deletions, each with <c>part</c>.</remarks>
    public static Outcome<PackInstallation> Remove(InvocationInput input, string name)
    {
        var packs = input.Moment.State.Scope(ReservedScopes.Packs);
        var entry = packs?.Find(name);
        if (PackRecord.Read(entry) is not { } record)
        {
            var installed = packs?.Entries.Values.Where(static known => PackRecord.Read(known) is not null).Select(static known => known.Key).ToList() ?? [];
            var near = NearestName.Of(name, installed);
            return new SyncError(ErrorCode.PackNotFound, $"No pack '{Identifiers.Shown(name)}' is installed in this room.")
            {
                Hint = near is not null ? $"Did you mean '{near}'?" : installed.Count == 0 ? "No pack is installed here; definitions that were registered one by one are deleted one by one." : $"Installed are {string.Join(", ", installed)}.",
                Help = "packs",
            }.With("pack", Identifiers.Shown(name)).WithSuggestion(near);
        }

        if (MayNot(input, name, entry!) is { } denied) // It was read from it.
        {
            return denied;
        }

        var steps = new PackSteps(input);
        var refused = steps.Note(name, record: null);
        var changes = ImmutableArray.CreateBuilder<PackChange>();
        var others = PackPlan.OfOthers(input.Moment, name);

        // Views read what actions write: what names goes before what is named.
        foreach (var (part, version) in record.Parts.Select(static part => (Part: PackPart.Named(part.Key), part.Value)).Where(static part => part.Part is not null).OrderByDescending(static part => part.Part!.Kind).TakeWhile(_ => refused is null))
        {
            if (PackPlan.Drop(steps.Moment, others, part!, version) is not { } change)
            {
                continue;
            }

            changes.Add(change);
            refused = change.Kind == PackChangeKind.Remove ? steps.Delete(part!) : null;
        }

        return refused is not null ? refused : new PackInstallation(name, Record: null, record, changes.ToImmutable(), steps);
    }

    /// <summary>The event that does it.</summary>
    /// <param name="head">The event without changes.</param>
    public RoomEvent ToEvent(RoomEvent head) => CombinedEvent.Of(head, [.. Steps.Events]);

    // The record says what was put there by whom: with another's in its place an upgrade would take the room's own for the pack's.
    private static SyncError? MayNot(InvocationInput input, string name, Entry entry)
    {
        var installer = entry.Writer is { } writer && input.Moment.State.IsStill(writer, entry.Seq) ? writer : null;
        return Ownership.MayChange(input.Actor, installer, ReservedScopes.Shared) ? null
            : new SyncError(ErrorCode.ActionOwned, $"The pack '{Identifiers.Shown(name)}' was installed by {(installer is null ? "somebody who is gone" : $"'{installer}'")}, and only who installed it, an owner or a collaborator may change it.")
            {
                Hint = $"Ask {installer ?? "an owner of the room"} to do it, or install yours under another name.",
                Help = "packs",
            }.With("registered_by", installer);
    }
}
