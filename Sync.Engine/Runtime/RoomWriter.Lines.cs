using System.Diagnostics.CodeAnalysis;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime.Lines;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Runtime;

/// <content>
/// Lines: commands that were refused for want of something that may come, and whose callers wait for it. Whoever owns the queue puts them in line and tries their heads, between commands; a try is
/// a decision like any other, with the rights of that moment. A caller that hangs up, whose time is up or whose access ends takes its call out of the line, unless it is just being decided.
/// </content>
internal sealed partial class RoomWriter
{
    private readonly LineRegistry _lines;

    // Guarded by _lock.
    private long _notices;

    /// <summary>Whether calls stand in line, which keeps the room loaded. Any thread.</summary>
    public bool HasParkedCalls => _lines.Count > 0;

    /// <summary>How many calls stand in line, for tests.</summary>
    internal int Parked => _lines.Count;

    /// <summary>How often a call of a line was decided anew, for tests: what does not concern it must not cost that.</summary>
    internal long LineTries { get; private set; }

    /// <summary>Decides a command when whoever stands in the same line has had their turn, and puts it in line where that is its decision.</summary>
    private ValueTask<Ruling> RuleInTurnNeedsOwnerAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        if (HeadBefore(command) is { } head)
        {
            return new(RuleAfterAsync(head, command, cancellationToken));
        }

        var ruling = RuleNeedsOwnerAsync(command, cancellationToken);
        if (!ruling.IsCompletedSuccessfully)
        {
            return new(ParkedAfterAsync(command, ruling.AsTask()));
        }

        return new(ParkWhereDecided(command, ruling.Result));
    }

    private async Task<Ruling> RuleAfterAsync(ParkedCall head, RoomCommand command, CancellationToken cancellationToken)
    {
        await TryNeedsOwnerAsync(head).ConfigureAwait(false);
        return await ParkedAfterAsync(command, RuleNeedsOwnerAsync(command, cancellationToken).AsTask()).ConfigureAwait(false);
    }

    private async Task<Ruling> ParkedAfterAsync(RoomCommand command, Task<Ruling> ruling) => ParkWhereDecided(command, await ruling.ConfigureAwait(false));

    // A newcomer must not find what the head of the line has not been told of yet.
    private ParkedCall? HeadBefore(RoomCommand command)
    {
        if (_lines.Count == 0 || command is not InvokeCommand invoke)
        {
            return null;
        }

        lock (_lock)
        {
            return _lines.BeforeNewcomer(WaitingLine.OfAction(invoke.Action)) is { } head && TryBeginNeedsLock(head) ? head : null;
        }
    }

    // What has become of a command, put in line where that is its decision.
    private Ruling ParkWhereDecided(RoomCommand command, Ruling made)
    {
        if (made.Decision is not { } decision || decision is { Parks: null, Joins: null })
        {
            return made;
        }

        lock (_lock)
        {
            if (_disposed || _isSuperseded)
            {
                return Ruling.Of(Unavailable);
            }

            if (decision.Joins is { } key)
            {
                if (_lines.Find(key) is not { } first)
                {
                    // Its caller has left since: so there is nothing to join, and it can be sent once more.
                    return Ruling.Of(Unavailable);
                }

                first.Callers++;
                return made with { Parked = first };
            }

            var call = _lines.Add((InvokeCommand)command, decision.Self, decision.Parks!, NowNeedsLock());
            call.Account.Spend(decision.Spent);
            TryAgainNeedsLock(call, made);
            ArmNeedsLock();
            return made with { Parked = call };
        }
    }

    // What is no event may have changed while it was decided, when nobody knew that it would stand here.
    private void TryAgainNeedsLock(ParkedCall call, in Ruling made)
    {
        if (made.Notices != _notices && call is { Line: { } line, Behind: null })
        {
            _lines.MarkDue(line);
        }
    }

    /// <summary>The next head that is to be tried.</summary>
    private bool TryTakeHeadNeedsLock([NotNullWhen(true)] out ParkedCall? head)
    {
        head = null;
        while (_lines.IsDue && _lines.TakeDue(NowNeedsLock()) is { } due)
        {
            if (TryBeginNeedsLock(due))
            {
                head = due;
                return true;
            }
        }

        return false;
    }

    private bool TryBeginNeedsLock(ParkedCall call)
    {
        if (_disposed || call.IsTried)
        {
            return false;
        }

        call.IsTried = true;
        LineTries++;
        return true;
    }

    /// <summary>Decides a call of a line anew. Must not throw, as the drain must not.</summary>
    private async Task TryNeedsOwnerAsync(ParkedCall call)
    {
        Ruling made;
        try
        {
            made = await RuleNeedsOwnerAsync(call.Command, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception bug)
        {
            lock (_lock)
            {
                _lines.Remove(call, NowNeedsLock());
            }

            call.Done.TrySetException(bug);
            return;
        }

        lock (_lock)
        {
            call.IsTried = false;
            call.Account.Spend(made.Decision?.Spent ?? 0);
            if (call.Line is { } line && call.Callers > 0 && !_disposed)
            {
                if (made.Decision?.Parks is { } parks)
                {
                    _lines.Stay(call, parks.Obstacle, NowNeedsLock());
                    TryAgainNeedsLock(call, made);
                    ArmNeedsLock();
                    return;
                }

                if (made.IsUndone)
                {
                    _lines.Postpone(line, _replica.Clock + s_retryTimers);
                    ArmNeedsLock();
                    return;
                }
            }

            _lines.Remove(call, NowNeedsLock());
        }

        call.Done.TrySetResult(made);
    }

    /// <summary>Waits for the answer of a call in line: until it is decided, its time is up, or its caller hangs up.</summary>
    private async Task<Outcome<Committed>> StandInLineAsync(Ruling parked, RoomCommand command, CancellationToken cancellationToken)
    {
        var (call, invoke) = (parked.Parked!, (InvokeCommand)command); // It stands in line, and only invocations do.
        using var sign = new WaitingSign(_replica, _replica.Published.Agents.ContainsKey(parked.Decision?.Self ?? "") ? parked.Decision?.Self : null, call.Obstacle.Condition);
        sign.Show();
        Ruling made;
        try
        {
            var span = invoke.Request.Wait > TimeSpan.Zero ? invoke.Request.Wait : call.Command.Request.Wait;
            made = await call.Done.Task.WaitAsync(span, _replica.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            if (Leave(call) || (made = await call.Done.Task.ConfigureAwait(false)).Decision?.Parks is not null || made.IsUndone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await ExecuteAsync(invoke with { HasWaited = true }, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _replica.Use();
        }

        var outcome = await ReleaseAsync(made).ConfigureAwait(false);

        // Who has joined gets the first answer as any retry does.
        return parked.Decision?.Joins is null || !outcome.Try(out var committed, out var error) ? outcome : committed.FirstSeq > 0 ? committed : committed with { FirstSeq = committed.Seq };
    }

    /// <summary>One caller less waits for a call. False where that call is just being decided and nobody else waits for it: then its answer is to be taken.</summary>
    private bool Leave(ParkedCall call)
    {
        lock (_lock)
        {
            if (--call.Callers > 0)
            {
                return true;
            }

            if (call.IsTried || call.Line is null)
            {
                return false;
            }

            _lines.Remove(call, NowNeedsLock());
            if (!_lines.IsDue || _isOwned || _disposed)
            {
                return true;
            }

            _isOwned = true;
        }

        StartDrain();
        return true;
    }

    private void TellLinesNeedsLock(PendingEvent pending, RoomState before)
    {
        if (_lines.Count == 0 || pending.Event.Kind == EventKind.Refused)
        {
            return;
        }

        _lines.Touch(RoomReplica.Changes(pending.Event, !ReferenceEquals(before.StandingStamp, pending.After.StandingStamp)));
        foreach (var change in pending.Event.Changes)
        {
            if (change is { Scope: ReservedScopes.Agents, Kind: ChangeKind.Delete })
            {
                foreach (var call in _lines.Of(change.Key))
                {
                    _lines.Remove(call, NowNeedsLock());
                    call.Refuse(AgentRemoval.Gone(change.Key), pending);
                }
            }
        }
    }

    private void EndLinesNeedsLock()
    {
        foreach (var call in _lines.All())
        {
            _lines.Remove(call, NowNeedsLock());
            call.Done.TrySetResult(Ruling.Of(Unavailable));
        }
    }

    // What is no event: presence, cursors, roles. On any thread.
    private void OnNoticed(IReadOnlyList<StateKey> changed)
    {
        lock (_lock)
        {
            _notices++;
            ArmNeedsLock();
            _lines.Touch(changed);
            if (!_lines.IsDue || _isOwned || _disposed)
            {
                return;
            }

            _isOwned = true;
        }

        StartDrain();
    }
}
