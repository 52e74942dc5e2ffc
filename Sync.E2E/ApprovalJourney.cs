using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>People decide in their browsers on what an agent asked for, with their passkeys; no token does it for them.</summary>
public sealed class ApprovalJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__Registration", "open"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Approval_DecidedByPeople_RunsOnceAndTakesThePasskey()
    {
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "olga", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(_server.Address, token, "harbour", Cancellation);
        await room.InvokeAsync("_register_action", new { id = "open_gate", @params = new { width = new { type = "integer" } }, writes = new object[] { new { key = "gate", value = "${params.width}" }, new { key = "opened", increment = 1 } }, approve = new { by = "person", confirm = true } }, Cancellation);
        await using var olga = await PersonAsync("olga", await _server.SetupLinkAsync(Cancellation));
        await using var ben = await PersonAsync("ben", "/auth/register");
        using var owner = Client(token);
        (await owner.PostAsJsonAsync("rooms/harbour/invite", new { username = "ben", role = "collaborator" }, Cancellation)).EnsureSuccessStatusCode();
        using var bob = Client(await JoinAsync(owner, "bob"));

        var first = await AskAsync(bob, 3);
        await olga.Page.OpenAsync("/rooms/harbour/dashboard?panel=approvals");
        await ben.Page.OpenAsync("/rooms/harbour/dashboard?panel=approvals");
        var (atOlgas, atBens) = (await LookAsync(olga.Page, first), await LookAsync(ben.Page, first));
        await Expect(atOlgas.Decision).ToContainTextAsync("_shared");

        // No token of any kind decides it, the persons' own among them.
        foreach (var secret in (string[])[token, room.RoomToken, room.ViewToken, await MintAsync(owner, "rooms:harbour:agent:bob"), await MintAsync(owner, "rooms:harbour:write"), await JoinAsync(owner, "carl")])
        {
            using var stranger = Client(secret);
            using var refused = await stranger.PostAsJsonAsync("rooms/harbour/actions/_decide/invoke", new { @params = new { approval = first, decision = "accept" } }, Cancellation);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        // Both at once: it is decided once, and both see the same.
        await Task.WhenAll(AcceptAsync(atOlgas.Decision), AcceptAsync(atBens.Decision));
        await Expect(atOlgas.Item).ToHaveAttributeAsync("data-status", "accepted");
        await Expect(atBens.Item).ToHaveAttributeAsync("data-status", "accepted");
        Assert.Equal((3, 1), await GateAsync(owner));

        var second = await AskAsync(bob, 9);
        var edit = await LookAsync(olga.Page, second);
        await edit.Decision.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await edit.Decision.GetByLabel("Parameters to accept it with").FillAsync("""{"width": 5}""");
        await edit.Decision.GetByLabel("Note").FillAsync("not so wide");
        await edit.Decision.GetByRole(AriaRole.Button, new() { Name = "Accept with these" }).ClickAsync();
        await Expect(edit.Item).ToHaveAttributeAsync("data-status", "accepted");
        await Expect(edit.Item).ToContainTextAsync("not so wide");
        Assert.Equal((5, 2), await GateAsync(owner));

        var third = await AskAsync(bob, 99);
        var reject = await LookAsync(ben.Page, third);
        await reject.Decision.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();
        await Expect(reject.Item).ToHaveAttributeAsync("data-status", "rejected");
        Assert.Equal((5, 2), await GateAsync(owner));
    }

    private async Task<Visit> PersonAsync(string name, string address)
    {
        var visit = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(visit.Page);
        await visit.Page.GotoAsync(address);
        await visit.Page.GetByLabel("User name").FillAsync(name);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await visit.Page.ArriveAsync("**/manage");
        return visit;
    }

    private static Task AcceptAsync(ILocator decision) => decision.GetByRole(AriaRole.Button, new() { Name = "Accept", Exact = true }).ClickAsync();

    private static async Task<(ILocator Item, ILocator Decision)> LookAsync(IPage page, string approval)
    {
        var item = page.Locator($"[data-approval={approval}]");
        await item.GetByRole(AriaRole.Button, new() { Name = $"Look at {approval}" }).ClickAsync();
        var decision = item.GetByRole(AriaRole.Group, new() { Name = $"Decide on {approval}" });
        await Expect(decision).ToBeVisibleAsync();
        return (item, decision);
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient { BaseAddress = _server.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    private static async Task<string> AskAsync(HttpClient agent, int width)
    {
        using var asked = await agent.PostAsJsonAsync("rooms/harbour/actions/open_gate/invoke", new { @params = new { width } }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        return (await ReadAsync(asked)).GetProperty("approval").GetString()!; // It asks.
    }

    private static async Task<string> JoinAsync(HttpClient owner, string id)
    {
        using var nobody = new HttpClient { BaseAddress = owner.BaseAddress };
        using var joined = await nobody.PostAsJsonAsync("rooms/harbour/agents", new { id }, Cancellation);
        return (await ReadAsync(joined)).GetProperty("token").GetString()!; // A join answers one.
    }

    private static async Task<string> MintAsync(HttpClient owner, string scope)
    {
        using var minted = await owner.PostAsJsonAsync("tokens", new { scope }, Cancellation);
        return (await ReadAsync(minted)).GetProperty("token").GetString()!; // So does minting.
    }

    private static async Task<(int Gate, int Opened)> GateAsync(HttpClient owner)
    {
        using var read = await owner.GetAsync(new Uri("rooms/harbour/context?only=state._shared", UriKind.Relative), Cancellation);
        var shared = (await ReadAsync(read)).GetProperty("state").GetProperty("_shared");
        return (shared.GetProperty("gate").GetInt32(), shared.GetProperty("opened").GetInt32());
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
