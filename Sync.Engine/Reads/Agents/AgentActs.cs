using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Events;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Reads.Agents;

/// <summary>The acts of one agent, and the lane that was made of them last. Guarded by the lock of <see cref="RoomActs"/>.</summary>
internal sealed class AgentActs
{
    private readonly List<EventHead> _acts = [];
    private int _begin;
    private AgentLane? _lane;
    private (long Since, ImmutableArray<WaitSpan> Waits, ImmutableArray<AskedDecision> Decisions, DateTimeOffset? Until) _made;

    public void Add(EventHead act)
    {
        _acts.Add(act);
        _lane = null;
    }

    /// <summary>Drops what is not newer than an event. True when nothing is left.</summary>
    public bool DropTo(long seq)
    {
        while (_begin < _acts.Count && _acts[_begin].Seq <= seq)
        {
            _begin++;
            _lane = null;
        }

        if (_begin > 64 && _begin > _acts.Count / 2)
        {
            _acts.RemoveRange(0, _begin);
            _begin = 0;
        }

        return _begin == _acts.Count;
    }

    public AgentLane LaneOf(AgentRecord agent, ImmutableArray<WaitSpan> waits, ImmutableArray<AskedDecision> decisions, DateTimeOffset? until)
    {
        if (_lane is { } kept && _made.Since == agent.Since && _made.Waits == waits && _made.Until == until && _made.Decisions.AsSpan().SequenceEqual(decisions.AsSpan()))
        {
            return kept;
        }

        ImmutableArray<EventHead> own = [.. _acts.Skip(_begin).Where(act => act.Seq >= agent.Since)];
        _made = (agent.Since, waits, decisions, until);
        return _lane = AgentLane.Of(agent.Id, own, AgentSpans.Of(Signs(own, waits, decisions), until));
    }

    private static IEnumerable<AgentSign> Signs(ImmutableArray<EventHead> acts, ImmutableArray<WaitSpan> waits, ImmutableArray<AskedDecision> decisions)
    {
        var asked = decisions.Select(static decision => decision.Number).ToHashSet();
        var ofActs = acts.Where(act => !asked.Contains(act.Seq)).Select(static act => new AgentSign(act.At, act.Ok ? AgentSignKind.Acted : AgentSignKind.Refused));
        var ofWaits = waits.SelectMany(static wait => wait.Until is { } until
            ? new[] { new AgentSign(wait.From, AgentSignKind.WaitBegan), new AgentSign(until, AgentSignKind.WaitEnded) }
            : [new AgentSign(wait.From, AgentSignKind.WaitBegan)]);
        var ofDecisions = decisions.SelectMany(static decision => decision.DecidedAt is { } at
            ? new[] { new AgentSign(decision.AskedAt, AgentSignKind.Asked), new AgentSign(at, AgentSignKind.Decided) }
            : [new AgentSign(decision.AskedAt, AgentSignKind.Asked)]);

        // A stable order: of one moment, an end comes before the beginning of the next.
        return ofActs.Concat(ofDecisions).Concat(ofWaits).OrderBy(static sign => sign.At);
    }
}
