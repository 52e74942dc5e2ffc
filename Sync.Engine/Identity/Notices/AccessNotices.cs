namespace Sync.Engine.Identity.Notices;

/// <summary>The subject of a change of access: a token, a user, a member of a room, or a room. The change may have taken access away.</summary>
internal readonly record struct AccessChange
{
    private AccessChange(string? token, string? user, long room)
    {
        Token = token;
        User = user;
        Room = room;
    }

    public string? Token { get; }

    public string? User { get; }

    /// <summary>The room's row, or 0.</summary>
    public long Room { get; }

    /// <summary>Narrowed, bound, revoked, expired.</summary>
    public static AccessChange OfToken(string token) => new(token, user: null, room: 0);

    /// <summary>What the user may anywhere.</summary>
    public static AccessChange OfUser(string user) => new(token: null, user, room: 0);

    /// <summary>The user's role in one room.</summary>
    public static AccessChange OfMember(string user, long room) => new(token: null, user, room);

    /// <summary>The room itself: deleted, or no longer without members.</summary>
    public static AccessChange OfRoom(long room) => new(token: null, user: null, room);
}

/// <summary>
/// Tells what hangs on a token, a user or a room that access to it has changed, and nothing else: parked waits, streams, pages, lists, client sessions. Each names what it hangs on when
/// it begins, and looks for itself what it may by then. Looks run on the thread that made the change, outside all locks; they are quick. Any thread.
/// </summary>
internal sealed class AccessNotices
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AccessChange, HashSet<AccessDependent>> _dependents = [];
    private long _looks;

    /// <summary>Dependents checked so far, for tests: a change must not check what does not depend on it.</summary>
    internal long Evaluations => Interlocked.Read(ref _looks);

    /// <summary>Dependents that are known, for tests: whatever ends is forgotten.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _dependents.Values.SelectMany(static d => d).Distinct().Count();
            }
        }
    }

    /// <summary>Notes something that hangs on a caller, and on a room where one is given. Dispose the answer when it ends.</summary>
    /// <param name="caller">Whose access it lives on.</param>
    /// <param name="room">The room's row, or null.</param>
    /// <param name="look">Asks whether the access still suffices.</param>
    public AccessDependent Add(Caller caller, long? room, Action<AccessChange> look)
    {
        var dependent = new AccessDependent(this, look);
        lock (_lock)
        {
            dependent.Caller = caller;
            if (room is { } row)
            {
                dependent.Rooms.Add(row);
            }

            IndexNeedsLock(dependent);
        }

        return dependent;
    }

    /// <summary>Has everything look that hangs on what has changed.</summary>
    public void Notify(AccessChange change)
    {
        AccessDependent[] concerned;
        lock (_lock)
        {
            if (!_dependents.TryGetValue(change, out var found))
            {
                return;
            }

            concerned = [.. found];
        }

        Interlocked.Add(ref _looks, concerned.Length);
        List<Exception>? failures = null;
        foreach (var dependent in concerned)
        {
            try
            {
                dependent.Evaluate(change);
            }
            catch (Exception bug)
            {
                // One that fails must not keep the others from being notified.
                (failures ??= []).Add(bug);
            }
        }

        if (failures is not null)
        {
            throw new AggregateException("Not everything that hangs on the change could look.", failures);
        }
    }

    /// <summary>Changes what a dependent hangs on.</summary>
    internal void Change(AccessDependent dependent, Action<AccessDependent> change)
    {
        lock (_lock)
        {
            UnindexNeedsLock(dependent);
            change(dependent);
            if (!dependent.HasEnded)
            {
                IndexNeedsLock(dependent);
            }
        }
    }

    private void IndexNeedsLock(AccessDependent dependent)
    {
        foreach (var key in Keys(dependent))
        {
            ref var dependents = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_dependents, key, out _);
            (dependents ??= []).Add(dependent);
        }
    }

    private void UnindexNeedsLock(AccessDependent dependent)
    {
        foreach (var key in Keys(dependent))
        {
            if (_dependents.TryGetValue(key, out var dependents) && dependents.Remove(dependent) && dependents.Count == 0)
            {
                _dependents.Remove(key);
            }
        }
    }

    private static IEnumerable<AccessChange> Keys(AccessDependent dependent)
    {
        // A legacy token has no user of its own, but may live on members' roles: its agent's user's, and of whoever made it.
        var token = dependent.Caller.Token;
        string?[] users = [token?.User?.Id ?? token?.OnBehalfOf, token?.Maker];
        if (dependent.Caller.TokenId is { } id)
        {
            yield return AccessChange.OfToken(id);
        }

        foreach (var user in users.OfType<string>())
        {
            yield return AccessChange.OfUser(user);
        }

        foreach (var room in dependent.Rooms)
        {
            yield return AccessChange.OfRoom(room);
            foreach (var user in users.OfType<string>())
            {
                yield return AccessChange.OfMember(user, room);
            }
        }
    }
}

/// <summary>Something that lives on access: its place in <see cref="AccessNotices"/>.</summary>
internal sealed class AccessDependent(AccessNotices notices, Action<AccessChange> look) : IDisposable
{
    /// <summary>Whose access; guarded by the notices' lock, like the rest.</summary>
    public Caller Caller { get; set; } = Caller.Anonymous;

    public HashSet<long> Rooms { get; } = [];

    public bool HasEnded { get; private set; }

    public void Evaluate(AccessChange change) => look(change);

    /// <summary>From now on it hangs on another caller.</summary>
    public void Hand(Caller caller) => notices.Change(this, dependent => dependent.Caller = caller);

    /// <summary>It hangs on one more room.</summary>
    public void Enter(long room) => notices.Change(this, dependent => dependent.Rooms.Add(room));

    /// <summary>It no longer hangs on a room.</summary>
    public void Leave(long room) => notices.Change(this, dependent => dependent.Rooms.Remove(room));

    public void Dispose() => notices.Change(this, static dependent => dependent.HasEnded = true);
}
