using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;

namespace Sync.Engine.Authority;

/// <content>Users that came to be, or changed, elsewhere than in <see cref="MintAsync"/>.</content>
internal sealed partial class IdentityCache
{
    /// <summary>The table's own record of a user that was read from the database.</summary>
    public UserRecord Known(UserRecord stored) => Adopt(stored);

    /// <summary>
    /// Takes in the users that another process has added since. Asked for before a name is given to anybody: <see cref="IsOthersName"/> knows every user then, and whom they look like.
    /// </summary>
    public async Task LearnUsersAsync(CancellationToken cancellationToken)
    {
        foreach (var (user, place) in await _store.UsersAfterAsync(Interlocked.Read(ref _lastUser), cancellationToken).ConfigureAwait(false))
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
