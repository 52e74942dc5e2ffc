namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Rooms by the thousand, stored as the server stores them, without a request each.</summary>
internal static class ManyRooms
{
    /// <summary>Stores rooms of the host's owner, one a millisecond from a minute past the epoch of the clock, each with one event; the engine opens anew and knows them.</summary>
    /// <param name="host">The engine.</param>
    /// <param name="count">How many: <c>many-0</c>, <c>many-1</c> and so on, the last one being the newest.</param>
    public static async Task AddManyAsync(this EngineHost host, int count)
    {
        var owner = host.Owner.UserId!; // Its owner is a user.
        var first = host.Time.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await host.Engine.Database.ExecuteAsync(
            session =>
            {
                for (var i = 0; i < count; i++)
                {
                    session.Execute("INSERT INTO rooms (id, name, join_policy, created_ms) VALUES ($1, $2, 'Open', $3)", $"many-{i}", $"Room number {i}", first + i);
                    session.Execute("INSERT INTO members (room, user_id, role, via_open, pending) VALUES (last_insert_rowid(), $1, 'Owner', 0, 0)", owner);
                }

                return 0;
            },
            EngineHost.Cancel);
        await host.RestartAsync();
    }
}
