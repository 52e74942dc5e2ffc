using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Grants;

public sealed class ClientServiceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    private ClientService Clients => _host.Engine.Clients;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync(_time);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Register_Client_IsFoundAlsoAfterARestart()
    {
        var registered = (await Clients.RegisterAsync(new OAuthClientRegistration("Röbot", ["http://127.0.0.1/cb", "app:/cb"], "https://example.org"), Cancel)).Value;
        Assert.StartsWith("client_", registered.Id, StringComparison.Ordinal);
        await _host.RestartAsync();

        var found = (await Clients.FindAsync(registered.Id, Cancel))!;

        Assert.Equal((registered.Id, "Röbot", "https://example.org", registered.CreatedAt), (found.Id, found.Name, found.Uri, found.CreatedAt));
        Assert.Equal(["http://127.0.0.1/cb", "app:/cb"], found.RedirectUris);
    }

    [Theory]
    [InlineData("client_nothing")]
    [InlineData("")]
    public async Task Find_Unknown_IsNull(string id) => Assert.Null(await Clients.FindAsync(id, Cancel));

    public static TheoryData<string, string[], string?, string> Bad => new()
    {
        { "", ["https://a.example/"], null, "client_name" },
        { new string('x', 101), ["https://a.example/"], null, "client_name" },
        { "a\nb", ["https://a.example/"], null, "client_name" },
        { "a", [], null, "redirect_uris" },
        { "a", [.. Enumerable.Repeat("https://a.example/", 11)], null, "redirect_uris" },
        { "a", ["/cb"], null, "redirect_uris" },
        { "a", ["https://a.example/" + new string('x', 2_000)], null, "redirect_uris" },
        { "a", ["https://a.example/"], "nowhere", "client_uri" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Register_OutOfBounds_IsInvalidParameter(string name, string[] uris, string? uri, string field)
    {
        var error = (await Clients.RegisterAsync(new OAuthClientRegistration(name, uris, uri), Cancel)).Error!;

        Assert.Equal((ErrorCode.InvalidParameter, field), (error.Code, error.Details!["field"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Register_ManyUnused_MakeRoom()
    {
        await FillAsync(5_000, _time.GetUtcNow().AddDays(-91));

        var registered = await RegisterAsync();

        Assert.NotNull(registered.Value);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Register_FullOfNewOnes_IsRateLimitedForAWhile()
    {
        await FillAsync(10_000, _time.GetUtcNow());

        Assert.Equal(ErrorCode.RateLimited, (await RegisterAsync()).Error?.Code);

        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Null((await RegisterAsync()).Error);
    }

    [Fact]
    public async Task Register_Full_MakesRoomOfThoseThatNobodyHasAllowedAnything()
    {
        await _host.RoomAsync("a");
        var session = await _host.SessionAsync("olga");
        await FillAsync(10_000, _time.GetUtcNow().AddDays(-1));
        var grant = (await _host.Engine.Grants.ConsentAsync(session, new GrantClient("c1", "Robot"), "rooms:a", "rooms:a", Cancel)).Value;
        await _host.Engine.Grants.RedeemAsync(grant, "c1", Cancel);
        await _host.Engine.Grants.ConsentAsync(session, new GrantClient("c2", "Robot"), "rooms:a", "rooms:a", Cancel);

        Assert.Null((await RegisterAsync()).Error);

        Assert.Equal(9_501, await CountAsync());
        Assert.NotNull(await Clients.FindAsync("c1", Cancel));
        Assert.NotNull(await Clients.FindAsync("c2", Cancel));
        Assert.Null(await Clients.FindAsync("c3", Cancel));
    }

    [Fact]
    public async Task Find_IsNotedOnceAnHour()
    {
        var id = (await RegisterAsync()).Value.Id;
        var registered = _time.GetUtcNow();

        _time.Advance(TimeSpan.FromMinutes(59));
        await Clients.FindAsync(id, Cancel);
        Assert.Equal(registered, (await _host.Engine.Database.Clients.FindAsync(id, Cancel))!.LastUsedAt);

        _time.Advance(TimeSpan.FromMinutes(1));
        await Clients.FindAsync(id, Cancel);
        Assert.Equal(_time.GetUtcNow(), (await _host.Engine.Database.Clients.FindAsync(id, Cancel))!.LastUsedAt);
    }

    private Task<Outcome<OAuthClient>> RegisterAsync() => Clients.RegisterAsync(new OAuthClientRegistration("Robot", ["https://a.example/cb"], Uri: null), Cancel);

    private Task<int> FillAsync(int count, DateTimeOffset lastUsed) =>
        _host.Engine.Database.ExecuteAsync(
            session => session.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
                INSERT INTO clients (id, name, redirect_uris, created_ms, last_used_ms) SELECT 'c' || i, 'x', '[]', $2, $2 FROM n
                """,
                count,
                lastUsed.ToUnixTimeMilliseconds()),
            Cancel);

    private Task<long> CountAsync() => _host.Engine.Database.ReadAsync(reader => reader.First("SELECT count(*) FROM clients", static row => row.GetInt64(0)), Cancel);
}
