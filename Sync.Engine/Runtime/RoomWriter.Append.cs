using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Sync.Engine.Commands;
using Sync.Engine.Model.Timers;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Runtime;

/// <content>The log's side: what was decided is sent, and published or undone as the log says. One sender at a time, which goes on on the log's thread.</content>
internal sealed partial class RoomWriter
{
    // What waits for the log, and what it has been given. Guarded by _lock; the list that was sent changes only when its append is answered.
    private List<PendingEvent> _queued = [];
    private List<PendingEvent> _sending = [];
    private bool _isSending;
    private bool _isSuperseded;

    // For whoever sends.
    private long? _epoch;
    private ConfiguredValueTaskAwaitable<AppendResult>.ConfiguredValueTaskAwaiter _append;

    /// <summary>Sends what waits for the log, unless an append is on its way: then it goes with the next one.</summary>
    private void Send()
    {
        lock (_lock)
        {
            if (_isSending || _queued.Count == 0)
            {
                return;
            }

            _isSending = true;
        }

        SendNext();
    }

    // For whoever has set _isSending; it goes on on the log's thread until nothing waits.
    private void SendNext()
    {
        while (true)
        {
            if (_epoch is not { } epoch)
            {
                _ = AcquireAsync();
                return;
            }

            lock (_lock)
            {
                if (_queued.Count == 0)
                {
                    _isSending = false;
                    return;
                }

                (_sending, _queued) = (_queued, _sending);
            }

            _append = _log.AppendAsync(_replica.Record.Row, epoch, _sending[0].Event.Seq - 1, _sending).ConfigureAwait(false).GetAwaiter();
            if (!_append.IsCompleted)
            {
                _append.UnsafeOnCompleted(_onAppended);
                return;
            }

            Settle(Result());
        }
    }

    private void OnAppended()
    {
        Settle(Result());
        SendNext();
    }

    // An append that throws has failed: left at that, the room would send nothing any more.
    private AppendResult Result()
    {
        try
        {
            return _append.GetResult();
        }
        catch (Exception failure)
        {
            return new AppendResult(AppendStatus.Failed, failure);
        }
    }

    private async Task AcquireAsync()
    {
        var answer = new AppendResult(AppendStatus.Fenced);
        IReadOnlyList<RequestRow> followed = [];
        var isBehind = false;
        try
        {
            if (await _log.AcquireAsync(_replica.Record.Row, CancellationToken.None).ConfigureAwait(false) is { } position)
            {
                if (position.Seq == _replica.Published.Seq)
                {
                    answer = new AppendResult(AppendStatus.Committed);
                    _epoch = position.Epoch;
                }
                else if (CatchUpAsync is { } catchUp)
                {
                    // Somebody else has written since the room was read: what was decided on it is undone, and the room goes on from there.
                    isBehind = true;
                    followed = await catchUp().ConfigureAwait(false);
                    var isCurrent = position.Seq == _replica.Published.Seq;
                    answer = new AppendResult(isCurrent ? AppendStatus.Failed : AppendStatus.Conflict);
                    _epoch = isCurrent ? position.Epoch : null;
                }
            }
        }
        catch (Exception failure)
        {
            // Whatever it was, the commands that wait hear of it. A room that was caught up with by half, or that a newer version writes, is read anew.
            answer = new AppendResult(isBehind ? AppendStatus.Conflict : AppendStatus.Failed, failure);
        }

        if (answer.Status != AppendStatus.Committed)
        {
            Settle(answer, followed);
            lock (_lock)
            {
                if (_queued.Count == 0)
                {
                    _isSending = false;
                    return;
                }
            }
        }

        SendNext();
    }

    /// <param name="result">What has become of what was sent.</param>
    /// <param name="followed">Request keys of another writer whose events the replica has taken in meanwhile.</param>
    private void Settle(AppendResult result, IReadOnlyList<RequestRow>? followed = null)
    {
        try
        {
            if (result.Status == AppendStatus.Committed)
            {
                OnCommitted();
            }
            else
            {
                OnLost(result, followed ?? []);
            }
        }
        catch (Exception bug)
        {
            // On the log's thread, and the room's next append hangs on it.
            LogSettleFailed(_logger, bug, _replica.Record.Id);
        }
    }

    private void OnCommitted()
    {
        // Nobody else changes what was sent.
        var published = new PublishedEvent[_sending.Count];
        var reserved = 0;
        for (var index = 0; index < published.Length; index++)
        {
            var pending = _sending[index];
            published[index] = new PublishedEvent(pending.Event, pending.After, pending.Body.Length);
            reserved += pending.IsReserved ? 1 : 0;
        }

        _log.Release(reserved);
        try
        {
            _replica.Publish(published);
        }
        finally
        {
            PendingEvent[] done;
            lock (_lock)
            {
                done = [.. _sending];
                _sending.Clear();
                if (_lastChange?.Event.Seq <= done[^1].Event.Seq)
                {
                    _lastChange = null;
                }
            }

            foreach (var pending in done)
            {
                pending.Done.TrySetResult(null);
            }
        }
    }

    // Everything after the last durable event is undone: what was sent, and what was decided on it.
    private void OnLost(AppendResult result, IReadOnlyList<RequestRow> followed)
    {
        var isSuperseded = result.Status != AppendStatus.Failed;
        PendingEvent[] undone = [];
        try
        {
            lock (_lock)
            {
                undone = [.. _sending, .. _queued];
                _sending.Clear();
                _queued.Clear();
                _lastChange = null;
                _pending = _replica.Published;
                _isSuperseded |= isSuperseded;
                foreach (var pending in undone.AsEnumerable().Reverse())
                {
                    _requests.Remove(pending.Event);
                }

                // In the same step, or a retry of what another writer has carried out would be carried out once more.
                foreach (var request in followed)
                {
                    _requests.Load(request);
                }

                // Timers whose events are among the undone ones have not fired; they are tried again, but not as fast as a broken disk answers.
                _swept = Clocks.Start;
                _due = DateTimeOffset.MinValue;
                // What calls in line stand before may have been undone too.
                _lines.TouchAll(_replica.Clock + s_retryTimers);
                ArmNeedsLock(atEarliest: _replica.Clock + s_retryTimers);
            }
        }
        finally
        {
            // Whatever else fails, nobody waits for what will never be durable.
            _log.Release(Reserved(undone));
            foreach (var pending in undone)
            {
                pending.Done.TrySetResult(Unavailable);
            }
        }

        if (isSuperseded)
        {
            LogSuperseded(_logger, _replica.Record.Id, undone.Length);
            Superseded?.Invoke();
        }
        else
        {
            LogLost(_logger, result.Cause, _replica.Record.Id, undone.Length);
        }
    }

    private static int Reserved(PendingEvent[] events)
    {
        var reserved = 0;
        foreach (var pending in events)
        {
            reserved += pending.IsReserved ? 1 : 0;
        }

        return reserved;
    }

    /// <summary>Completes when everything accepted by now is on disk or undone.</summary>
    public async Task DrainedAsync()
    {
        // Behind whatever stands in line; a closed room answers at once.
        await ExecuteAsync(new DrainCommand(), CancellationToken.None).ConfigureAwait(false);
        PendingEvent[] waiting;
        lock (_lock)
        {
            waiting = [.. _sending, .. _queued];
        }

        foreach (var pending in waiting)
        {
            await pending.Done.Task.ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room}: {Count} events could not be stored and were undone.")]
    private static partial void LogLost(ILogger logger, Exception? cause, string room, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Room {Room}: another writer has taken it over; {Count} events were undone and the room is let go of.")]
    private static partial void LogSuperseded(ILogger logger, string room, int count);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Room {Room} failed when it was told what has become of its events.")]
    private static partial void LogSettleFailed(ILogger logger, Exception bug, string room);
}
