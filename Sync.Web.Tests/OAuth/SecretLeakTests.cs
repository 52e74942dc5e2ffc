using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>No secret is in a log, whatever its level, nor in a file.</summary>
public sealed class SecretLeakTests
{
    [Fact]
    public async Task Secrets_OfEveryKind_AreInNoLogAndNoFile()
    {
        using var log = new EveryLog();
        await using var host = new SyncHost(new() { ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft"] = "Trace" }, services => services.AddSingleton<ILoggerProvider>(log));
        await host.InitializeAsync();
        using var journey = await Journey.StartAsync(host);
        var code = await journey.CodeAsync(["rooms:*", "create_rooms"]);
        var exchanged = (await journey.ExchangeAsync(code)).AssertOk();
        (await journey.ExchangeAsync(code, ("code_verifier", "wrong-verifier-of-forty-three-characters-or-so"))).AssertOAuthRefusal("invalid_grant");
        var refreshed = (await journey.TokenAsync(("grant_type", "refresh_token"), ("refresh_token", Text(exchanged, "refresh_token")), ("client_id", journey.ClientId))).AssertOk();
        var minted = (await journey.User.PostAsync("/tokens", new { scope = "rooms:*", with_refresh = true })).AssertOk(201);
        var again = (await host.Client().PostAsync("/tokens/refresh", new { refresh_token = Text(minted, "refresh_token") })).AssertOk();
        var device = (await host.Client().PostAsync("/auth/device", new { })).AssertOk();
        await host.Client().PostAsync("/auth/device/token", new { device_code = Text(device, "device_code") });
        await journey.TokenAsync(("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", Text(device, "device_code")), ("client_id", journey.ClientId));
        var room = (await journey.User.PostAsync("/rooms", new { })).AssertOk(201);
        var invitation = (await journey.User.PostAsync($"/rooms/{Text(room, "id")}/invitations", new { })).AssertOk(201);
        await journey.PostFormAsync("/oauth/revoke", ("token", Text(refreshed, "access_token")));
        string[] secrets =
        [
            code, Journey.Verifier, "wrong-verifier-of-forty-three-characters-or-so", journey.User.Token!, Text(device, "device_code"), Text(room, "token"), Text(room, "view_token"), // The user has one.
            Text(invitation, "url").Split("invitation=")[1],
            .. ((ApiReply[])[exchanged, refreshed, again]).SelectMany(reply => (string[])[Text(reply, "access_token"), Text(reply, "refresh_token")]),
            Text(minted, "token"), Text(minted, "refresh_token"),
        ];

        Assert.All(secrets, secret => Assert.True(secret.Length >= 40, secret));
        Assert.All(secrets, secret => Assert.DoesNotContain(log.Entries, entry => entry.Contains(secret, StringComparison.Ordinal)));
        Assert.NotEmpty(log.Entries);
        var files = Directory.EnumerateFiles(host.DataDirectory, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file).StartsWith("sync", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }
    }

    private static string Text(ApiReply reply, string name) => reply[name].GetString()!; // The test asks for what is there.

    private sealed class EveryLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _entries = new();

        public IReadOnlyCollection<string> Entries => _entries;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _entries.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
