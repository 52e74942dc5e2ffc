using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Services.Users;

/// <summary>People with passkeys, for tests.</summary>
internal static class People
{
    public static RegistrationProof Nothing { get; } = new(Setup: null, Invitation: null);

    public static PasskeyRecord Passkey(string name = "laptop", byte[]? id = null) => new()
    {
        CredentialId = id ?? RandomNumberGenerator.GetBytes(32),
        Name = name,
        Data = """{"publicKey":"AA"}""",
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_770_000_000_000),
    };

    public static RegistrationProof Setup(this EngineHost host) => new(host.Engine.Users.SetupSecret, Invitation: null);

    /// <summary>Registers the first user, the administrator.</summary>
    public static async Task<UserInfo> SetUpAsync(this EngineHost host, string name = "ada") => (await host.RegisterAsync(name, host.Setup())).Value;

    public static async Task<Outcome<UserInfo>> RegisterAsync(this EngineHost host, string name, RegistrationProof proof, PasskeyRecord? passkey = null) =>
        (await host.Engine.Users.CheckRegistrationAsync(name, proof, EngineHost.Cancel)).Try(out var id, out var error)
            ? await host.Engine.Users.RegisterAsync(id, name, proof, passkey ?? Passkey(), EngineHost.Cancel)
            : error;

    /// <summary>Registers somebody whom the administrator has invited.</summary>
    public static async Task<UserInfo> ArriveAsync(this EngineHost host, UserInfo admin, string name, PasskeyRecord? passkey = null)
    {
        var made = (await host.Engine.Invitations.CreateForServerAsync(await host.SignInAsync(admin), life: null, EngineHost.Cancel)).Value;
        return (await host.RegisterAsync(name, new RegistrationProof(Setup: null, made.Secret), passkey)).Value;
    }

    public static async Task<Caller> SignInAsync(this EngineHost host, UserInfo user) => (await host.SignInAsync(user.Id)).Caller;

    public static async Task<(SessionInfo Session, Caller Caller)> SignInAsync(this EngineHost host, string userId)
    {
        var session = await host.Engine.Users.StartSessionAsync(userId, "a browser", EngineHost.Cancel);
        return (session, host.Engine.Users.OfSession(session.Id).Value);
    }

    /// <summary>Fails when one of the secrets stands in the database or its write-ahead log.</summary>
    public static async Task AssertNowhereOnDiskAsync(this EngineHost host, params string[] secrets)
    {
        var files = Directory.GetFiles(host.Directory).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal));

        // What surely stands there shows that the search would find something.
        var known = false;
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, EngineHost.Cancel);
            known |= Contains(copy, "olga");
            foreach (var secret in secrets)
            {
                Assert.False(Contains(copy, secret), $"A secret stands in {Path.GetFileName(file)}.");
            }
        }

        Assert.True(known);
    }

    private static bool Contains(MemoryStream file, string text) => file.GetBuffer().AsSpan(0, (int)file.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
