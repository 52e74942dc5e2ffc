using System.Collections.Immutable;
using System.Security.Cryptography;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>Signed-in people, as rows of the token table: what a browser's cookie stands for.</summary>
internal static class Sessions
{
    public static async Task<Caller> SessionAsync(this EngineHost host, string userName)
    {
        var table = host.Engine.IdentityCache;
        var user = await table.Users.FindByNameAsync(userName, EngineHost.Cancel) ?? (await table.Users.CreateAsync(userName, EngineHost.Cancel)).Value;
        var session = new TokenRecord
        {
            Id = Secret.NewId("s_"),
            Hash = ImmutableArray.Create(RandomNumberGenerator.GetBytes(32)),
            Scope = Scope.Everything,
            Kind = CredentialKind.Session,
            CreatedAt = host.Time.GetUtcNow(),
        };
        await host.Engine.Database.Access.AddTokenAsync(session, user, EngineHost.Cancel);
        return Caller.Of(await table.Tokens.AdoptStoredAsync(session.Id));
    }

    public static async Task<Caller> MemberAsync(this EngineHost host, string room, string userName, Role role, string scope)
    {
        var caller = await host.UserAsync(userName, scope);
        await host.GiveRoleAsync(room, userName, role);
        return caller;
    }

    public static Task<Outcome<IssuedToken>> MintAsync(this EngineHost host, Caller caller, string? scope, string? room = null, string? agent = null, bool withRefresh = false, TimeSpan? expiresIn = null) =>
        host.Engine.Tokens.MintAsync(caller, new MintToken { Scope = scope, RoomId = room, AgentId = agent, WithRefresh = withRefresh, ExpiresIn = expiresIn }, EngineHost.Cancel);

    public static async Task<SyncError?> AuthenticateErrorAsync(this EngineHost host, string secret) =>
        (await host.Engine.Access.AuthenticateAsync(secret, EngineHost.Cancel)).Error;
}
