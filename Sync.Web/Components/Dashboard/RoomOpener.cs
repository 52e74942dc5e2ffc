using Microsoft.AspNetCore.Components.Authorization;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.Demo;

namespace Sync.Web.Components.Dashboard;

/// <summary>Opens a room for a page: with a token, as the signed-in person, or, into the demo room alone, as its audience.</summary>
internal sealed class RoomOpener(SyncEngine engine, DemoAccess demo, AuthenticationStateProvider people)
{
    /// <summary>Where pages report that they fail.</summary>
    public HealthRegistry Health => engine.Health;

    public async Task<Outcome<OpenRoom>> OpenAsync(string room, string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(token))
        {
            return await OpenWithoutTokenAsync(room, cancellationToken);
        }

        var authenticated = await engine.Access.AuthenticateAsync(token.Trim(), cancellationToken);
        return authenticated.Try(out var caller, out var error) ? await WatchAsync(caller, room, cancellationToken) : error;
    }

    private async Task<Outcome<OpenRoom>> OpenWithoutTokenAsync(string room, CancellationToken cancellationToken)
    {
        var person = BrowserSession.Of((await people.GetAuthenticationStateAsync()).User, engine);
        var asPerson = person.IsAnonymous
            ? new SyncError(ErrorCode.AuthenticationRequired, "This room is read with a token, or signed in.")
            : await WatchAsync(person, room, cancellationToken);
        return asPerson.Error is not null && await demo.WatchAsync(room, cancellationToken) is { } found
            ? new OpenRoom(found.Watch, new RoomViewer(engine, found.Reader, room), found.Audience)
            : asPerson;
    }

    private async Task<Outcome<OpenRoom>> WatchAsync(Caller caller, string room, CancellationToken cancellationToken) =>
        (await engine.Live.WatchAsync(caller, room, cancellationToken)).Try(out var watch, out var error) ? new OpenRoom(watch, new RoomViewer(engine, caller, room), Audience: null) : error;
}

/// <summary>A room that a page holds open. Disposing lets it go.</summary>
/// <param name="Watch">The engine's watch.</param>
/// <param name="Viewer">What panels act and look with.</param>
/// <param name="Audience">A place in the demo's audience, or null in a room opened as somebody.</param>
internal sealed record OpenRoom(RoomWatch Watch, RoomViewer Viewer, IDisposable? Audience) : IDisposable
{
    /// <summary>Whether this reader watches without being anybody.</summary>
    public bool IsAudience => Audience is not null;

    public void Dispose()
    {
        Watch.Dispose();
        Audience?.Dispose();
    }
}
