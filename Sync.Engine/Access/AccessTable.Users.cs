namespace Sync.Engine;

/// <content>Users that came to be, or changed, elsewhere than in <see cref="MintAsync"/>.</content>
internal sealed partial class AccessTable
{
    /// <summary>The table's own record of a user that was read from the database.</summary>
    public UserRecord Known(UserRecord stored) => Adopt(stored);

    /// <summary>Honours a user as stored just now, whatever was known before.</summary>
    public void Replace(UserRecord user)
    {
        _usersById[user.Id] = user;
        _usersByName[user.Name] = user;
        NoteLook(user);
    }

    /// <inheritdoc/>
    public bool IsOthersName(string name, string? userId) =>
        _usersByName.TryGetValue(name, out var exact)
            ? exact.Id != userId
            : _usersByLook.TryGetValue(LookAlike.Fold(name), out var alike) && !alike.Any(user => user.Id == userId);

    private void NoteLook(UserRecord user) =>
        _usersByLook.AddOrUpdate(
            LookAlike.Fold(user.Name),
            static (_, user) => [user],
            static (_, known, user) => known.Any(other => other.Id == user.Id) ? known : known.Add(user),
            user);
}
