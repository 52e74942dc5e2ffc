namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// What waits for the writer thread: appends in the order they came, and relational work in the order it came.
/// <para>Any thread puts; only the writer thread takes. The lock is held for a few instructions and never across a call out, so
/// putting is safe inside a room's lock. Appends are bounded by <see cref="EventLog"/>'s admission, not here.</para>
/// </summary>
internal sealed class WriteQueue
{
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _filled = new(initialState: false, spinCount: 0);
    private readonly Queue<WriteWork> _work = [];
    private List<LogAppend> _appends = [];
    private bool _sleeping;
    private bool _closed;

    /// <summary>False when the queue is closed.</summary>
    public bool TryPut(LogAppend append)
    {
        bool wake;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _appends.Add(append);
            wake = WakeNeedsLock();
        }

        Wake(wake);
        return true;
    }

    /// <summary>False when the queue is closed.</summary>
    public bool TryPut(WriteWork work)
    {
        bool wake;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _work.Enqueue(work);
            wake = WakeNeedsLock();
        }

        Wake(wake);
        return true;
    }

    /// <summary>Refuses everything from now on; what is in the queue is still taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        _filled.Set();
    }

    /// <summary>
    /// For the writer thread: waits until there is something, then exchanges the waiting appends for the empty list
    /// <paramref name="appends"/> and adds at most <paramref name="maxWork"/> pieces of work. False when closed and empty.
    /// </summary>
    public bool Take(ref List<LogAppend> appends, List<WriteWork> work, int maxWork)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_appends.Count > 0 || _work.Count > 0)
                {
                    (_appends, appends) = (appends, _appends);
                    while (work.Count < maxWork && _work.TryDequeue(out var next))
                    {
                        work.Add(next);
                    }

                    return true;
                }

                if (_closed)
                {
                    return false;
                }

                _filled.Reset();
                _sleeping = true;
            }

            _filled.Wait();
        }
    }

    private bool WakeNeedsLock()
    {
        var wake = _sleeping;
        _sleeping = false;
        return wake;
    }

    private void Wake(bool wake)
    {
        if (wake)
        {
            _filled.Set();
        }
    }
}
