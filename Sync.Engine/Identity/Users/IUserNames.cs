using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Identity.Users;

/// <summary>The names of users that are taken, for the rules of agents' ids. Any thread.</summary>
internal interface IUserNames
{
    /// <summary>The user of an id, or null.</summary>
    UserRecord? UserById(string id);

    /// <summary>Whether a name, or one that looks like it, is another user's. A user who is called exactly so has it, whoever else looks like it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="userId">Whose it may be; null for nobody's.</param>
    bool IsOthersName(string name, string? userId);

    /// <summary>Takes in the users that another process has added since; asked for before a name is given to anybody.</summary>
    Task LearnUsersAsync(CancellationToken cancellationToken);
}
