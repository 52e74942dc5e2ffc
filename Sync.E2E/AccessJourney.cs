using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A person gives programs access, and takes it back; each on a server of its own.</summary>
public sealed class AccessJourney(SyncServer other, Browser browser) : IAsyncLifetime
{
    private readonly ServerProcess _server = new(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"));
    private HttpClient _http = null!; // Set before any test runs.

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _http = new HttpClient { BaseAddress = _server.Address };
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task Device_ApprovedForOneRoom_ReadsThatRoomAlone()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await SetUpAsync(page);
        await CreateRoomAsync(page, "alpha");
        await CreateRoomAsync(page, "beta");
        var flow = await PostAsync("auth/device", new { scope = "rooms:* create_rooms" });

        await page.GotoAsync("/auth/device?code=" + flow.GetProperty("user_code").GetString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByText("Only approve if you started this")).ToBeVisibleAsync();
        await Expect(page.GetByText(flow.GetProperty("user_code").GetString()!)).ToBeVisibleAsync(); // A started flow has one.
        await Expect(page.GetByText("unknown: it did not say which program it is")).ToBeVisibleAsync();
        await Expect(page.GetByText("not before you revoke it")).ToBeVisibleAsync();
        await page.GetByLabel("Create rooms").UncheckAsync();
        await page.GetByLabel("Only in the rooms chosen below").CheckAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "alpha" }).SelectOptionAsync(new SelectOptionValue { Label = "Read" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Approved" })).ToBeVisibleAsync();

        var token = await PostAsync("auth/device/token", new { device_code = flow.GetProperty("device_code").GetString() });
        Assert.Equal("rooms:alpha:read", token.GetProperty("scope").GetString());
        var secret = token.GetProperty("access_token").GetString()!; // A token has one.
        Assert.Equal(200, await StatusAsync("rooms/alpha/context", secret));
        Assert.Equal(403, await StatusAsync("rooms/beta/context", secret));
    }

    [Fact]
    public async Task Consent_Allowed_SendsTheBrowserBackToTheProgram()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await SetUpAsync(page);
        await CreateRoomAsync(page, "alpha");
        // Another origin that answers: what the browser allows a form to lead to is part of what is tested.
        visit.Elsewhere = other.Address;
        var back = new Uri(other.Address, "health");
        var client = await PostAsync("oauth/register", new { client_name = "Weather Desk", redirect_uris = new[] { back.AbsoluteUri } });

        await page.GotoAsync($"/oauth/authorize?response_type=code&client_id={client.GetProperty("client_id").GetString()}&redirect_uri={Uri.EscapeDataString(back.AbsoluteUri)}"
            + "&scope=rooms%3Aalpha&state=s1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Weather Desk wants access" })).ToBeVisibleAsync();
        await Expect(page.GetByText("a program on this computer")).ToBeVisibleAsync();
        await Expect(page.GetByText("its own claim")).ToBeVisibleAsync();
        await Expect(page.GetByText("registered itself on this server on")).ToBeVisibleAsync();
        await Expect(page.GetByText("not before you revoke it")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();

        await page.WaitForURLAsync(url => url.StartsWith(back.AbsoluteUri, StringComparison.Ordinal));
        Assert.Contains("code=", page.Url, StringComparison.Ordinal);
        Assert.Contains("state=s1", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elevation_Allowed_LetsTheRefusedCallThrough()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await SetUpAsync(page);
        await CreateRoomAsync(page, "alpha");
        await CreateRoomAsync(page, "beta");
        var secret = await MintAsync(page, "Robot", "alpha", "Everything");
        using var refused = await SendAsync("rooms/beta/context", secret);
        var elevate = JsonElement.Parse(await refused.Content.ReadAsStringAsync(Cancellation)).GetProperty("elevate").GetString()!; // A refusal for the scope has one.

        await page.GotoAsync(new Uri(elevate).PathAndQuery);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Robot asks for a room" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Allowed" })).ToBeVisibleAsync();

        Assert.Equal(200, await StatusAsync("rooms/beta/context", secret));
    }

    [Fact]
    public async Task Token_MadeNarrowedAndRevoked_HoldsAtOnce()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await SetUpAsync(page);
        await CreateRoomAsync(page, "alpha");
        await CreateRoomAsync(page, "beta");
        var secret = await MintAsync(page, "Robot", "alpha", "Everything");
        Assert.Equal(200, await StatusAsync("rooms/alpha/context", secret));

        // The secret is nowhere once the section is left.
        await Link(page, "Passkeys").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Robot is ready" })).ToHaveCountAsync(0);
        await Link(page, "Tokens").ClickAsync();
        await Expect(page.GetByText("Robot", new() { Exact = true })).ToBeVisibleAsync();
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);

        await Button(page, "Change the scope of Robot").ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "alpha" }).SelectOptionAsync(new SelectOptionValue { Label = "No access" });
        await page.GetByRole(AriaRole.Combobox, new() { Name = "beta" }).SelectOptionAsync(new SelectOptionValue { Label = "Read" });
        await Button(page, "Save scope").ClickAsync();
        await Expect(page.GetByText("Read the room 'beta'")).ToBeVisibleAsync();
        Assert.Equal(403, await StatusAsync("rooms/alpha/context", secret));

        await using var watching = await browser.OpenAsync(_server.Home);
        await watching.Page.OpenAsync($"/rooms/beta/dashboard#token={secret}");
        await Expect(watching.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToBeVisibleAsync();
        await Button(page, "Revoke Robot").ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Revoke Robot" }).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();

        await Expect(watching.Page.GetByText("This room has ended for you")).ToBeVisibleAsync();
        await Expect(watching.Page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToHaveCountAsync(0);
        Assert.Equal(401, await StatusAsync("rooms/beta/context", secret));
    }

    [Fact]
    public async Task Passkeys_AnotherAdded_LetsTheFirstGo()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await SetUpAsync(page);
        await page.OpenAsync("/manage/passkeys");
        await Expect(page.GetByText("Your only passkey cannot be removed")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Remove") })).ToHaveCountAsync(0);

        // Another device, which has none of this account's.
        await device.LoseAllAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name optional" }).FillAsync("Ring");
        await Button(page, "Add a passkey").ClickAsync();
        await Expect(page.GetByText("Ring", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Single(await device.ExportAsync());

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Remove (?!Ring)") }).ClickAsync();
        await Button(page, "Remove").ClickAsync();
        await Expect(page.GetByText("Your only passkey cannot be removed")).ToBeVisibleAsync();
        await Expect(page.GetByText("Ring", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Session_EndedEverywhere_EndsItsOtherPages()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var device = await SetUpAsync(page);
        // The sign-in page would sign in again at once.
        await device.TouchAsync(touched: false);
        var second = await page.Context.NewPageAsync();
        await second.OpenAsync("/manage/tokens");
        await Expect(Button(second, "New token")).ToBeVisibleAsync();

        await page.OpenAsync("/manage/profile");
        await Button(page, "Sign out everywhere, here too").ClickAsync();
        await Button(page, "Sign out everywhere").ClickAsync();

        await page.WaitForURLAsync("**/auth/sign-in?return=%2Fmanage%2Fprofile");
        await second.WaitForURLAsync("**/auth/sign-in?return=%2Fmanage%2Ftokens");
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Link(IPage page, string name) => page.GetByRole(AriaRole.Navigation, new() { Name = "Manage" }).GetByRole(AriaRole.Link, new() { Name = name });

    private static async Task CreateRoomAsync(IPage page, string id)
    {
        await page.OpenAsync("/manage/rooms");
        await Button(page, "New room").ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Id optional" }).FillAsync(id);
        await Button(page, "Create room").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{id} is ready" })).ToBeVisibleAsync();
    }

    private static async Task<string> MintAsync(IPage page, string label, string room, string level)
    {
        await page.OpenAsync("/manage/tokens");
        await Button(page, "New token").ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Label optional" }).FillAsync(label);
        await page.GetByRole(AriaRole.Combobox, new() { Name = room }).SelectOptionAsync(new SelectOptionValue { Label = level });
        await Expect(page.GetByTestId("scope-text")).ToHaveTextAsync($"rooms:{room}");
        await Button(page, "Make token").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{label} is ready" })).ToBeVisibleAsync();
        return (await page.Locator("#token-secret").InnerTextAsync()).Trim();
    }

    private async Task<PasskeyDevice> SetUpAsync(IPage page)
    {
        var device = await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await page.GetByLabel("User name").FillAsync("mira");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/manage");
        return device;
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return await _http.SendAsync(request, Cancellation);
    }

    private async Task<int> StatusAsync(string path, string secret)
    {
        using var answer = await SendAsync(path, secret);
        return (int)answer.StatusCode;
    }
}
