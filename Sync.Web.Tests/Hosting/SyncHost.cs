using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Engine.Services;
using Sync.Web.Tests.Hosting;

[assembly: AssemblyFixture(typeof(SyncHost))]

namespace Sync.Web.Tests.Hosting;

/// <summary>
/// The real app on Kestrel at a free port, with a data folder of its own that is deleted afterwards. One serves the whole assembly: tests take rooms and users
/// that nobody else has (<see cref="NewName"/>), and make a host of their own only for other settings.
/// </summary>
public class SyncHost : IAsyncLifetime
{
    private static int s_names;

    private readonly App _app;

    public SyncHost()
        : this([])
    {
    }

    internal SyncHost(Dictionary<string, string> settings, Action<IServiceCollection>? services = null)
    {
        DataDirectory = Directory.CreateTempSubdirectory("sync-web-").FullName;
        _app = new App(DataDirectory, settings, services);
    }

    public string DataDirectory { get; }

    /// <summary>What the app logged as an error.</summary>
    internal ErrorLog Errors => _app.Errors;

    internal Uri Address => _app.ClientOptions.BaseAddress;

    internal IServiceProvider Services => _app.Services;

    internal SyncEngine Engine => Services.GetRequiredService<SyncEngine>();

    public virtual ValueTask InitializeAsync()
    {
        _app.UseKestrel(0);
        _app.StartServer();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _app.DisposeAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    /// <summary>A name nobody else has.</summary>
    internal static string NewName(string prefix) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref s_names)}");

    /// <summary>A client that presents <paramref name="token"/>, or none.</summary>
    internal ApiClient Client(string? token = null) => new(Address, token);

    /// <summary>The answers to as many requests at once: a limit per second is met this way on the slowest machine too.</summary>
    internal static Task<ApiReply[]> BurstAsync(int count, Func<Task<ApiReply>> request) => Task.WhenAll(Enumerable.Range(0, count).Select(_ => request()));

    /// <summary>A token of a user, who is created if need be.</summary>
    internal async Task<string> MintAsync(string user, string scope = "rooms:* create_rooms")
    {
        var minted = await Engine.Access.MintAsync(user, scope, label: null, expiresIn: null, TestContext.Current.CancellationToken);
        return minted.Value.Secret;
    }

    /// <summary>A client of a new user with full scope.</summary>
    internal async Task<ApiClient> UserAsync(string? scope = null) => Client(await MintAsync(NewName("user"), scope ?? "rooms:* create_rooms"));

    /// <summary>A new room of a new user.</summary>
    internal async Task<TestRoom> RoomAsync(object? extra = null)
    {
        var user = NewName("owner");
        var owner = Client(await MintAsync(user));
        var id = NewName("room");
        var body = new Dictionary<string, object?> { ["id"] = id };
        foreach (var property in extra?.GetType().GetProperties() ?? [])
        {
            body[property.Name] = property.GetValue(extra);
        }

        var created = await owner.PostAsync("/rooms", body);
        Assert.Equal(201, created.Status);
        return new TestRoom(this, id, user, owner, created["token"].GetString()!, created["view_token"].GetString()!); // A created room has both.
    }

    private sealed class App(string dataDirectory, Dictionary<string, string> settings, Action<IServiceCollection>? services) : WebApplicationFactory<Program>
    {
        public ErrorLog Errors { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Sync:DataDirectory", dataDirectory);
            builder.UseSetting("Sync:Demo", "false");
            builder.UseSetting("Sync:Limits:AnonymousRequestsPerSecond", "100000");
            builder.UseSetting("Sync:Limits:RequestsPerSecond", "100000");
            builder.UseSetting("Sync:Limits:GuessesPerSecond", "100000");
            foreach (var (name, value) in settings)
            {
                builder.UseSetting(name, value);
            }

            builder.ConfigureLogging(logging => logging.AddProvider(Errors));
            if (services is not null)
            {
                builder.ConfigureTestServices(services);
            }
        }
    }
}

/// <summary>A room with its owner and tokens.</summary>
internal sealed record TestRoom(SyncHost Host, string Id, string OwnerName, ApiClient Owner, string RoomToken, string ViewToken)
{
    public string Path => "/rooms/" + Id;

    /// <summary>Joins as an agent and gives a client with its token.</summary>
    public async Task<ApiClient> JoinAsync(string agent)
    {
        var joined = await Host.Client().PostAsync(Path + "/agents", new { id = agent });
        Assert.Equal(201, joined.Status);
        return Host.Client(joined["token"].GetString());
    }

    /// <summary>A client of a new user with a role here.</summary>
    public async Task<ApiClient> MemberAsync(string role)
    {
        var user = SyncHost.NewName("member");
        var client = Host.Client(await Host.MintAsync(user));
        var invited = await Owner.PostAsync(Path + "/invite", new { username = user, role });
        Assert.Equal(200, invited.Status);
        return client;
    }

    /// <summary>Invokes an action as its owner.</summary>
    public Task<ApiReply> InvokeAsync(string action, object? parameters = null, ApiClient? by = null) =>
        (by ?? Owner).PostAsync($"{Path}/actions/{Uri.EscapeDataString(action)}/invoke", new { @params = parameters ?? new { } });

    /// <summary>Registers an action that must be accepted.</summary>
    public async Task RegisterAsync(object definition, ApiClient? by = null) =>
        Assert.Equal(200, (await InvokeAsync("_register_action", definition, by)).Status);
}
