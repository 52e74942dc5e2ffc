using System.Globalization;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime;

namespace Sync.Engine.Reads.Inbox;

/// <summary>
/// What does not work in a room, or does not go on: definitions that are broken, writes that are contested, pauses, agents that are refused again and again, approvals that nobody can decide. It is for
/// whoever takes part; an observer can mend nothing.
/// </summary>
internal sealed class RoomAttention(PossibleDeciders deciders)
{
    /// <summary>So many refusals of one agent within <see cref="RefusedWithin"/> are a lot.</summary>
    public const int ManyRefusals = 5;

    /// <summary>The time in which refusals are counted.</summary>
    public static readonly TimeSpan RefusedWithin = TimeSpan.FromMinutes(10);

    // The log of a busy room is not read for it.
    private const int MaxEvents = 512;

    public IEnumerable<InboxItem> Of(RoomReplica room, Moment moment, RoomPerson person, string? agent)
    {
        if (person.Level < AccessLevel.Write)
        {
            return [];
        }

        var found = new Finder(room.Record, moment, deciders);
        return found.Definitions()
            .Concat(found.Views(new RoomActivation(moment, VisibleOf(moment, person, agent), agent is not null && moment.State.Agents.ContainsKey(agent) ? agent : null, room.NewBudget()) { ReadsAll = true }))
            .Concat(found.Contested())
            .Concat(found.Pauses())
            .Concat(found.Undecidable())
            .Concat(found.Refused(room.Feed.Newest(MaxEvents)));
    }

    // As their page reads it; what is said of it is said to all.
    private static VisibleScopes VisibleOf(Moment moment, RoomPerson person, string? agent) =>
        person.Level == AccessLevel.Admin ? new VisibleScopes(All: true, [])
        : agent is not null && moment.State.Agents.ContainsKey(agent) ? VisibleScopes.Of(agent, moment.State)
        : VisibleScopes.Public;

    private sealed class Finder(RoomRecord record, Moment moment, PossibleDeciders deciders)
    {
        public IEnumerable<InboxItem> Definitions()
        {
            foreach (var (key, problem) in moment.State.Degraded.Where(static degraded => degraded.Key.Scope == ReservedScopes.Actions).OrderBy(static degraded => degraded.Key.Key, StringComparer.Ordinal))
            {
                var entry = moment.State.Find(ReservedScopes.Actions, key.Key!); // A definition has a name.
                yield return Item("broken_action", key.Key!, $"The action {Identifiers.Shown(key.Key!)} does not work", problem, entry?.UpdatedAt, entry?.Seq) with { Action = key.Key };
            }
        }

        public IEnumerable<InboxItem> Views(RoomActivation reader)
        {
            foreach (var view in moment.State.Views.Values)
            {
                // Whom a view is made for each reader anew, it is nobody's as long as nobody is there to read it.
                if ((reader.Self is null && view.ReadsIn(moment.State, reader: null).PerAgent) || !ViewValues.IsEnabled(reader, view))
                {
                    continue;
                }

                if (ViewValues.Value(reader, view).For(VisibleScopes.Public).Error is { } error)
                {
                    yield return Item("broken_view", view.Id, $"The view {Identifiers.Shown(view.Id)} is broken", error.Message, view.Entry?.UpdatedAt, view.Entry?.Seq) with { View = view.Id };
                }
            }

            foreach (var surface in moment.State.Surfaces.Found.Where(surface => ViewValues.IsEnabled(reader, moment.State.Views[surface.View])))
            {
                var entry = moment.State.Views[surface.View].Entry;
                yield return Item(
                    "broken_surface",
                    $"{surface.View}/{surface.What}/{surface.Name}",
                    $"The surface {Identifiers.Shown(surface.View)} names what is not there",
                    $"It names the {surface.What} '{Identifiers.Shown(surface.Name)}', which is not there.",
                    entry?.UpdatedAt,
                    entry?.Seq) with
                { View = surface.View };
            }
        }

        public IEnumerable<InboxItem> Contested()
        {
            const int Named = 3;
            if (!moment.State.Targets.HasContested)
            {
                yield break;
            }

            var contested = moment.State.Targets.Contested.ToList();
            var newest = contested.SelectMany(static target => target.Actions).Distinct().Select(id => moment.State.Actions.GetValueOrDefault(id)?.Entry).MaxBy(static entry => entry?.Seq);
            var words = contested.Take(Named).Select(static target => $"{Identifiers.Shown(target.Target)} by {string.Join(", ", target.Actions.Select(Identifiers.Shown))}");
            yield return Item(
                "contested",
                name: null,
                contested.Count == 1 ? $"The key {Identifiers.Shown(contested[0].Target)} is contested" : string.Create(CultureInfo.InvariantCulture, $"{contested.Count} keys are contested"),
                $"Actions that know nothing of each other write it: {string.Join("; ", words)}{(contested.Count > Named ? " …" : "")}.",
                newest?.UpdatedAt,
                newest?.Seq);
        }

        public IEnumerable<InboxItem> Pauses() => moment.State.Pauses.All.Select(pause => Item(
            "paused",
            pause.What,
            pause.What == Pause.Room ? "The room is paused" : $"The {pause.What.Replace(":", " ", StringComparison.Ordinal)} is paused",
            $"{pause.Reason ?? "No reason was given."}{(pause.By is { } by ? $" ({Identifiers.Shown(by)})" : "")}",
            pause.At,
            pause.Since) with
        {
            Agent = pause.What.StartsWith(Pause.OfAgent, StringComparison.Ordinal) ? pause.What[Pause.OfAgent.Length..] : null,
            Action = pause.What.StartsWith(Pause.OfAction, StringComparison.Ordinal) ? pause.What[Pause.OfAction.Length..] : null,
        });

        public IEnumerable<InboxItem> Undecidable() =>
            from approval in moment.State.Approvals.Pending
            let needed = approval.Needs.FirstOrDefault(rule => !deciders.Has(rule, approval, moment))
            where needed is not null
            select Item(
                "undecidable",
                approval.Id,
                $"Nobody can decide on {Identifiers.Shown(approval.Action)}",
                $"{(approval.Agent is { } asker ? Identifiers.Shown(asker) : "The room's owner")} asked for it; it is decided by {needed.By}, and nobody in the room is that or may decide on it.",
                approval.AskedAt,
                approval.Number) with
            { Approval = approval.Id, Action = approval.Action, Agent = approval.Agent, EndsAt = approval.ExpiresAt(moment) };

        public IEnumerable<InboxItem> Refused(IReadOnlyList<RoomEvent> newest)
        {
            var since = moment.Now - RefusedWithin;
            foreach (var agent in newest.Where(e => e.Kind == EventKind.Refused && e.At > since && e.Agent is not null).GroupBy(static e => e.Agent!)) // It is asked for.
            {
                var (count, fifth) = (0, default(DateTimeOffset));
                foreach (var e in agent)
                {
                    // The one whose leaving takes the count below what is a lot.
                    fifth = count < ManyRefusals ? e.At : fifth;
                    count += e.Count;
                }

                if (count < ManyRefusals)
                {
                    continue;
                }

                var last = agent.First();
                var codes = string.Join(", ", agent.Select(static e => e.Error).OfType<string>().Distinct().Take(3));
                yield return Item(
                    "refused",
                    agent.Key,
                    string.Create(CultureInfo.InvariantCulture, $"{Identifiers.Shown(agent.Key)} was refused {count} times within ten minutes"),
                    $"Last {(last.Action is { } action ? $"at {Identifiers.Shown(action)}" : "")}: {codes}",
                    last.At,
                    last.Seq) with
                { Agent = agent.Key, Action = last.Action, EndsAt = fifth + RefusedWithin };
            }
        }

        private InboxItem Item(string what, string? name, string title, string text, DateTimeOffset? at, long? seq) => new()
        {
            Key = $"{record.Id}/attention/{what}{(name is null ? "" : "/")}{name}",
            Kind = InboxKind.Attention,
            Attention = what,
            Room = record.Id,
            RoomName = record.Name,
            At = at ?? record.CreatedAt,
            Title = title,
            Text = RoomInboxReader.Clipped(text),
            Seq = seq,
        };
    }
}
