using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>Somebody who is nobody's user yet takes up an invitation into a room, on a server of its own.</summary>
public sealed class InvitationJourney(Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Link_TakenUpByANewPerson_LeadsIntoTheRoomWhereTheyAct()
    {
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "olga", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(_server.Address, token, "harbour", Cancellation);
        using var owner = new HttpClient { BaseAddress = _server.Address };
        owner.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var made = await owner.PostAsJsonAsync("rooms/harbour/invitations", new { role = "participant" }, Cancellation);
        var text = await made.Content.ReadAsStringAsync(Cancellation);
        Assert.True(made.IsSuccessStatusCode, text);

        // A link names the public address; the server of this test listens elsewhere.
        var link = new Uri(JsonElement.Parse(text).GetProperty("url").GetString()!).PathAndQuery; // It is in the answer.

        await using (var olga = await browser.OpenAsync(_server.Home))
        {
            // Before the server has a first user nobody can register: the page says so and asks for nothing.
            await PasskeyDevice.AttachAsync(olga.Page);
            await olga.Page.GotoAsync(link);
            await Expect(olga.Page.GetByText("This server waits for its first user.")).ToBeVisibleAsync();
            await Expect(olga.Page.GetByLabel("User name")).ToHaveCountAsync(0);
            await olga.Page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
            await olga.Page.GetByLabel("User name").FillAsync("olga");
            await olga.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
            await olga.Page.ArriveAsync("**/manage");
        }

        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync(link);
        await Expect(page.GetByText("olga invites you to the room harbour as participant")).ToBeVisibleAsync();
        await page.GetByLabel("User name").FillAsync("ben");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/rooms/harbour/dashboard");

        var actions = page.GetByRole(AriaRole.Region, new() { Name = "Actions" });
        await actions.GetByRole(AriaRole.Button, new() { Name = "set", Exact = true }).ClickAsync();
        var form = actions.GetByRole(AriaRole.Form, new() { Name = "Invoke set" });
        await form.GetByLabel("key").FillAsync("tide");
        await form.GetByLabel("value").FillAsync("\"high\"");
        await form.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "tide" })).ToContainTextAsync("high");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToContainTextAsync("ben");

        await page.OpenAsync("/rooms");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "harbour" })).ToBeVisibleAsync();

        // It lets one person in: whoever finds the link later is told so, and gets nowhere.
        await using var late = await browser.OpenAsync(_server.Home);
        await late.Page.GotoAsync(link);
        await Expect(late.Page.GetByRole(AriaRole.Heading, new() { Name = "No registration" })).ToBeVisibleAsync();
        await Expect(late.Page.GetByLabel("User name")).ToHaveCountAsync(0);
    }
}
