namespace Sync.Engine.Identity.Users;

/// <summary>A user, as an operator sees them.</summary>
/// <param name="Id">Opaque id.</param>
/// <param name="Name">Unique name.</param>
/// <param name="CreatedAt">When created.</param>
/// <param name="Tokens">Number of live tokens.</param>
/// <param name="Rooms">Number of rooms with a role.</param>
/// <param name="IsAdmin">Whether this is an administrator of the server.</param>
public sealed record UserSummary(string Id, string Name, DateTimeOffset CreatedAt, int Tokens, int Rooms, bool IsAdmin);
