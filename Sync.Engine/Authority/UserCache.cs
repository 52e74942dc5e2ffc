using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Authority;

/// <summary>
/// Every user, in memory: by id, by name, and by what the name looks like. What another process adds is found in the database at first use. Used by all threads at once;
/// a user that was read is the same object for everybody until it is replaced.
/// </summary>
internal sealed class UserCache(AccessStore store, TimeProvider time) : IUserNames
{
    private readonly ConcurrentDictionary<string, UserRecord> _usersById = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, UserRecord> _usersByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ImmutableArray<UserRecord>> _usersByConfusable = new(StringComparer.Ordinal);

    // Where the newest user that was read stands in the order of adding.
    private long _lastUser;

    /// <summary>The user with this id, or null.</summary>
    public UserRecord? UserById(string id) => _usersById.GetValueOrDefault(id);

    /// <summary>The user of this name, compared without case; also one that another process has just made.</summary>
    public async ValueTask<UserRecord?> FindByNameAsync(string name, CancellationToken cancellationToken)
    {
        if (_usersByName.TryGetValue(name, out var known))
        {
            return known;
        }

        return UserName.IsValid(name) && await store.FindUserByNameAsync(name, cancellationToken).ConfigureAwait(false) is { } found
            ? Adopt(found)
            : null;
    }

    /// <summary>Makes a user. Errors: <c>invalid_parameter</c> for a bad or taken name.</summary>
    public async Task<Outcome<UserRecord>> CreateAsync(string name, CancellationToken cancellationToken)
    {
        if (!UserName.IsValid(name))
        {
            return AccessErrors.InvalidUserName(name);
        }

        var (user, added) = await store.GetOrAddUserAsync(New(name), cancellationToken).ConfigureAwait(false);
        return added ? Adopt(user) : AccessErrors.UserExists(name);
    }

    /// <summary>A user that is not stored yet.</summary>
    public UserRecord New(string name) => new(Secret.NewId("u_"), name, time.UtcNowToMillisecond());

    /// <summary>The cache's own record of a user that was read from the database.</summary>
    public UserRecord Adopt(UserRecord user)
    {
        var known = _usersById.GetOrAdd(user.Id, user);
        if (_usersByName.TryAdd(known.Name, known))
        {
            NoteConfusable(known);
        }

        return known;
    }

    /// <summary>All users with their figures.</summary>
    public Task<IReadOnlyList<UserSummary>> SummariseAsync(CancellationToken cancellationToken) =>
        store.SummariseUsersAsync(time.GetUtcNow(), cancellationToken);

    /// <summary>
    /// Takes in the users that another process has added since. Asked for before a name is given to anybody: <see cref="IsOthersName"/> knows every user then, and whom they look like.
    /// </summary>
    public async Task LearnUsersAsync(CancellationToken cancellationToken)
    {
        foreach (var (user, place) in await store.UsersAfterAsync(Interlocked.Read(ref _lastUser), cancellationToken).ConfigureAwait(false))
        {
            Adopt(user);
            long seen;
            while ((seen = Interlocked.Read(ref _lastUser)) < place && Interlocked.CompareExchange(ref _lastUser, place, seen) != seen)
            {
                // Another call has gone on meanwhile, perhaps not as far.
            }
        }
    }

    /// <summary>Honours a user as stored just now, whatever was known before.</summary>
    public void Replace(UserRecord user)
    {
        _usersById[user.Id] = user;
        _usersByName[user.Name] = user;
        NoteConfusable(user);
    }

    /// <inheritdoc/>
    public bool IsOthersName(string name, string? userId) =>
        _usersByName.TryGetValue(name, out var exact)
            ? exact.Id != userId
            : _usersByConfusable.TryGetValue(Confusables.Fold(name), out var alike) && !alike.Any(user => user.Id == userId);

    private void NoteConfusable(UserRecord user) =>
        _usersByConfusable.AddOrUpdate(
            Confusables.Fold(user.Name),
            static (_, user) => [user],
            static (_, known, user) => known.Any(other => other.Id == user.Id) ? known : known.Add(user),
            user);
}
