using Sync.Engine.Identity;

namespace Sync.Web.Tests.Hosting;

/// <summary>People without a browser.</summary>
internal static class Person
{
    /// <summary>A signed-in user, by the shortest way: a session of the engine. The user must be there.</summary>
    public static async Task<Caller> SessionAsync(SyncHost host, string userName)
    {
        var user = await host.Engine.Users.FindByNameAsync(userName, TestContext.Current.CancellationToken);
        var session = await host.Engine.Users.StartSessionAsync(user!.Id, "Test", TestContext.Current.CancellationToken); // The test has made the user.
        return host.Engine.Users.OfSession(session.Id).Value;
    }
}
