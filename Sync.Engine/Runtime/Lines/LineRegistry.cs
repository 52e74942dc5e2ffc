using System.Globalization;
using System.Runtime.InteropServices;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Runtime.Lines;

/// <summary>
/// The calls of a room that stand in line, by what they stand before.
/// <list type="bullet">
/// <item>Only the head of a line is tried: when something changes that it rests on, when the clock has come to where it may change it, and when it has become the head.</item>
/// <item>Calls that want leases have a line each, and stand behind the last one before them with which they conflict: so that each is served in order among those that it concerns, and in no other.</item>
/// <item>What succeeds is an event, which has the next of the line tried: one call wakes for each thing there is.</item>
/// <item>A try costs its caller, out of an account of its own: whoever has spent that is tried later.</item>
/// </list>
/// Nothing here decides, waits or calls back. Under the writer's lock only, but for <see cref="Count"/>.
/// </summary>
internal sealed class LineRegistry(CelLimits limits, TimeProvider time)
{
    // Beyond so many, accounts that nothing is owed on are forgotten.
    private const int MaxAccounts = 64;

    // What the clock may change at any moment is looked at so often, as it is for waits.
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<StateKey, HashSet<Line>> _byKey = [];
    private readonly Dictionary<long, ParkedCall> _byArrival = [];
    private readonly Dictionary<string, ParkedCall> _byRequest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ParkedCall>> _byAgent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EvaluationAccount> _accounts = new(StringComparer.Ordinal);
    private readonly ClaimIndex _claims = new();
    private readonly LinkedList<Line> _due = new();
    private readonly SortedSet<Line> _timed = new(Comparer<Line>.Create(static (a, b) => (a.DueAt, a.Serial).CompareTo((b.DueAt, b.Serial))));
    private int _count;
    private long _arrivals;
    private long _serial;

    /// <summary>How many calls stand in line. Any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether a head is to be tried.</summary>
    public bool IsDue => _due.Count > 0;

    /// <summary>When the clock alone has a head tried; null when it does not.</summary>
    public DateTimeOffset? NextAt => _timed.Min?.DueAt;

    /// <summary>The call that waits under a request key, or null.</summary>
    public ParkedCall? Find(string requestKey) => _byRequest.GetValueOrDefault(requestKey);

    /// <summary>The call of an arrival, or null.</summary>
    public ParkedCall? Find(long arrival) => _byArrival.GetValueOrDefault(arrival);

    /// <summary>Puts a call in line.</summary>
    public ParkedCall Add(InvokeCommand command, string? self, Parking parking, DateTimeOffset now)
    {
        var call = new ParkedCall(command, self, parking, ++_arrivals, AccountOf(command.Source.Account));
        _byArrival.Add(call.Arrival, call);
        if (call.RequestKey is { } key)
        {
            _byRequest[key] = call;
        }

        if (self is not null)
        {
            ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAgent, self, out _);
            (own ??= []).Add(call);
        }

        Volatile.Write(ref _count, _byArrival.Count);
        Place(call, now);
        return call;
    }

    /// <summary>Notes that the head of a line was tried and stands before this now.</summary>
    public void Stay(ParkedCall call, Obstacle obstacle, DateTimeOffset now)
    {
        if (call.Line is { } line && (obstacle.Line ?? LineOf(call)) == line.Id && obstacle.Wanted.SequenceEqual(call.Obstacle.Wanted))
        {
            // The head of a line is whom it rests on.
            call.Obstacle = obstacle;
            Aim(line, obstacle, now);
            return;
        }

        TakeOut(call, now);
        call.Obstacle = obstacle;
        Place(call, now);
    }

    /// <summary>Takes a call out of its line; the next is tried then.</summary>
    public void Remove(ParkedCall call, DateTimeOffset now)
    {
        if (call.Line is null)
        {
            return;
        }

        TakeOut(call, now);
        _byArrival.Remove(call.Arrival);
        Volatile.Write(ref _count, _byArrival.Count);
        if (call.RequestKey is { } key && _byRequest.GetValueOrDefault(key) == call)
        {
            _byRequest.Remove(key);
        }

        if (call.Self is { } self && _byAgent.TryGetValue(self, out var own) && own.Remove(call) && own.Count == 0)
        {
            _byAgent.Remove(self);
        }
    }

    /// <summary>The calls of an agent.</summary>
    public IReadOnlyList<ParkedCall> Of(string agent) => _byAgent.TryGetValue(agent, out var own) ? [.. own] : [];

    /// <summary>The call before an arrival that wants what another cannot have at the same time; null where there is none.</summary>
    public ParkedCall? Ahead(WantedLease wanted, long arrival) => _claims.IsEmpty ? null : _claims.Ahead([wanted], arrival);

    /// <summary>All calls.</summary>
    public IReadOnlyList<ParkedCall> All() => [.. _byArrival.Values];

    /// <summary>Has the heads tried that rest on what has changed.</summary>
    public void Touch(IEnumerable<StateKey> changed)
    {
        if (_count == 0)
        {
            return;
        }

        MarkDue(StateKey.Everything);
        foreach (var key in changed)
        {
            MarkDue(key);
            MarkDue(key with { Key = null });
        }
    }

    /// <summary>Has all heads tried at a moment.</summary>
    public void TouchAll(DateTimeOffset at)
    {
        foreach (var line in _lines.Values.Where(static line => line.Head?.Behind is null))
        {
            Postpone(line, at);
        }
    }

    /// <summary>Has the heads tried whose moment has come.</summary>
    public void Ring(DateTimeOffset now)
    {
        while (_timed.Min is { } line && line.DueAt <= now)
        {
            DueAt(line, null);
            MarkDue(line);
        }
    }

    /// <summary>The next line whose head is to be tried, which by this it is; null when there is none.</summary>
    public ParkedCall? TakeDue(DateTimeOffset now)
    {
        while (_due.First is { Value: var line })
        {
            NotDue(line);
            if (line.Head is not { } head)
            {
                continue;
            }

            if (head.Account.Delay is var delay && delay > TimeSpan.Zero)
            {
                Postpone(line, now + delay);
                continue;
            }

            return head;
        }

        return null;
    }

    /// <summary>The head of a line that another call is about to stand before too, where the line has not been looked at since something may have changed; null otherwise.</summary>
    public ParkedCall? BeforeNewcomer(string line)
    {
        if (_count == 0 || !_lines.TryGetValue(line, out var known) || !(known.IsDue || known.DueAt is not null))
        {
            return null;
        }

        NotDue(known);
        return known.Head;
    }

    // Arrivals are told apart by number, so those that want leases have lines of their own.
    private static string LineOf(ParkedCall call) => call.Obstacle.Line ?? string.Create(CultureInfo.InvariantCulture, $"leases\n{call.Arrival}");

    private void Place(ParkedCall call, DateTimeOffset now)
    {
        var id = LineOf(call);
        ref var line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lines, id, out _);
        line ??= new Line(id, ++_serial);
        if (!line.Add(call))
        {
            return;
        }

        if (!call.Obstacle.Wanted.IsEmpty)
        {
            _claims.Add(call);
            call.StandBehind(_claims.Ahead(call.Obstacle.Wanted, call.Arrival));
            if (call.Arrival < _arrivals)
            {
                OvertakeLater(call);
            }
        }

        if (call.Behind is null)
        {
            Aim(line, call.Obstacle, now);
        }
    }

    // It stood before something else until now, and keeps the place of its arrival.
    private void OvertakeLater(ParkedCall call)
    {
        foreach (var later in _claims.Behind(call))
        {
            if (!(later.Behind?.Arrival > call.Arrival))
            {
                later.StandBehind(call);
                Rest(later.Line!); // It stands in line.
            }
        }
    }

    private void TakeOut(ParkedCall call, DateTimeOffset now)
    {
        var line = call.Line!; // Whoever is taken out stands in one.
        var wasHead = line.Remove(call);
        if (line.IsEmpty)
        {
            Rest(line);
            _lines.Remove(line.Id);
        }
        else if (wasHead)
        {
            MarkDue(line);
        }

        if (call.Obstacle.Wanted.IsEmpty)
        {
            return;
        }

        _claims.Remove(call);
        call.StandBehind(null);
        foreach (var follower in call.Followers.ToList())
        {
            follower.StandBehind(_claims.Ahead(follower.Obstacle.Wanted, follower.Arrival));
            if (follower.Behind is null)
            {
                Aim(follower.Line!, follower.Obstacle, now); // As above.
                MarkDue(follower.Line!);
            }
        }
    }

    // Nothing has it tried any more.
    private void Rest(Line line)
    {
        NotDue(line);
        DueAt(line, null);
        Unindex(line);
        line.Reads = [];
    }

    private void Aim(Line line, Obstacle obstacle, DateTimeOffset now)
    {
        if (!line.Reads.SequenceEqual(obstacle.Reads))
        {
            Unindex(line);
            line.Reads = obstacle.Reads;
            foreach (var key in line.Reads)
            {
                ref var lines = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out _);
                (lines ??= []).Add(line);
            }
        }

        DueAt(line, obstacle.IsFleeting ? now + s_step : obstacle.Next);
    }

    private void Unindex(Line line)
    {
        foreach (var key in line.Reads)
        {
            if (_byKey.TryGetValue(key, out var lines) && lines.Remove(line) && lines.Count == 0)
            {
                _byKey.Remove(key);
            }
        }
    }

    /// <summary>Has the head of a line tried at a moment, or before.</summary>
    public void Postpone(Line line, DateTimeOffset at)
    {
        if (!(line.DueAt <= at))
        {
            DueAt(line, at);
        }
    }

    // It stands among the others by this.
    private void DueAt(Line line, DateTimeOffset? at)
    {
        _timed.Remove(line);
        line.DueAt = at;
        if (at is not null)
        {
            _timed.Add(line);
        }
    }

    private void MarkDue(StateKey key)
    {
        if (_byKey.TryGetValue(key, out var lines))
        {
            foreach (var line in lines)
            {
                MarkDue(line);
            }
        }
    }

    /// <summary>Has the head of a line tried next.</summary>
    public void MarkDue(Line line)
    {
        if (line.Due.List is null)
        {
            _due.AddLast(line.Due);
        }
    }

    private void NotDue(Line line)
    {
        if (line.Due.List is not null)
        {
            _due.Remove(line.Due);
        }
    }

    // A caller that has spent much does not begin anew by parking again.
    private EvaluationAccount AccountOf(string payer)
    {
        if (_accounts.Count >= MaxAccounts)
        {
            foreach (var (known, account) in _accounts)
            {
                if (account.IsFull)
                {
                    _accounts.Remove(known);
                }
            }
        }

        ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, payer, out _);
        return own ??= new EvaluationAccount(limits, time);
    }
}
