using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>A server whose public address has a path, behind a proxy that takes the path off and one that does not: everything a person and their program do stays under it.</summary>
public sealed class PathJourney(SyncServer other, Browser browser)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_UnderAPath_ServesPeopleAndProgramsThere(bool strips)
    {
        await using var proxy = new PathProxy("/sync", strips);
        await using var server = new ServerProcess(("Sync__Demo", "false"), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__PublicUrl", proxy.Address.AbsoluteUri.TrimEnd('/')));
        await server.StartAsync(Cancellation);
        proxy.Server = server.Address;
        var outside = new ConcurrentQueue<string>();

        await using var visit = await browser.OpenAsync(proxy.Address);
        var page = visit.Page;
        Watch(page, proxy, outside);
        await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync(proxy.Address.AbsoluteUri.TrimEnd('/') + await server.SetupLinkAsync(Cancellation));
        await page.GetByLabel("User name").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/sync/manage");

        using var room = await RoomAsync(server, proxy);
        await ActAsync(page);
        var link = await ShareAsync(page);
        await using (var guest = await browser.OpenAsync(proxy.Address))
        {
            Watch(guest.Page, proxy, outside);
            await guest.Page.GotoAsync(link);
            await Expect(guest.Page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("7");
            await room.InvokeAsync("set", new { key = "score", value = 8 }, Cancellation);
            await Expect(guest.Page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("8");
            await guest.Page.ReloadAsync();
            await Expect(guest.Page.GetByRole(AriaRole.Article, new() { Name = "Score" })).ToContainTextAsync("8");
        }

        await AuthorizeAsync(visit, proxy);
        await page.OpenAsync(new Uri(proxy.Address, "rooms").AbsoluteUri);
        await page.GetByRole(AriaRole.Link, new() { Name = "alpha" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "alpha", Level = 1 })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Signed out" })).ToBeVisibleAsync();

        Assert.Empty(outside);
        Assert.Empty(proxy.Strays);
    }

    private static void Watch(IPage page, PathProxy proxy, ConcurrentQueue<string> outside)
    {
        page.Request += (_, request) => Note(request.Url);
        page.WebSocket += (_, socket) => Note(socket.Url);

        void Note(string url)
        {
            var asked = new Uri(url);
            if (asked.Authority == proxy.Address.Authority && asked.Scheme is not ("data" or "blob") && asked.AbsolutePath != "/sync" && !asked.AbsolutePath.StartsWith("/sync/", StringComparison.Ordinal))
            {
                outside.Enqueue(url);
            }
        }
    }

    private static async Task<RoomOverHttp> RoomAsync(ServerProcess server, PathProxy proxy)
    {
        var (exitCode, token, error) = await server.CommandAsync(["token", "mint", "--user", "ada", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        var room = await RoomOverHttp.CreateAsync(proxy.Address, token, "alpha", Cancellation);
        await room.InvokeAsync("set", new { key = "score", value = 7 }, Cancellation);
        await room.InvokeAsync("_register_view", new { id = "score", expr = "state._shared.score", render = new { type = "metric", label = "Score" } }, Cancellation);
        return room;
    }

    private static async Task ActAsync(IPage page)
    {
        await page.OpenAsync("rooms/alpha/dashboard");
        var actions = page.GetByRole(AriaRole.Region, new() { Name = "Actions" });
        await actions.GetByRole(AriaRole.Button, new() { Name = "set", Exact = true }).ClickAsync();
        var form = actions.GetByRole(AriaRole.Form, new() { Name = "Invoke set" });
        await form.GetByLabel("key").FillAsync("weather");
        await form.GetByLabel("value").FillAsync("\"fair\"");
        await form.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Expect(form).ToContainTextAsync("Done.");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "weather" })).ToContainTextAsync("fair");
    }

    private static async Task<string> ShareAsync(IPage page)
    {
        await page.OpenAsync("rooms/alpha/dashboard?panel=members");
        var form = page.GetByRole(AriaRole.Form, new() { Name = "New share link" });
        await form.GetByRole(AriaRole.Radio, new() { Name = "Only these surfaces" }).CheckAsync();
        await form.GetByRole(AriaRole.Checkbox, new() { Name = "Score" }).CheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "New share link" }).ClickAsync();
        return (await page.Locator("#share-link").TextContentAsync())!.Trim(); // It has just been shown.
    }

    // Registers a program, lets the person allow it, takes its token and calls a tool with it: by the addresses that the server's own metadata names.
    private async Task AuthorizeAsync(Visit visit, PathProxy proxy)
    {
        using var http = new HttpClient { BaseAddress = proxy.Address };
        var resource = await ReadAsync(await http.GetAsync("/.well-known/oauth-protected-resource/sync/mcp", Cancellation));
        Assert.Equal(new Uri(proxy.Address, "mcp").AbsoluteUri, resource.GetProperty("resource").GetString());
        var metadata = await ReadAsync(await http.GetAsync("/.well-known/oauth-authorization-server/sync", Cancellation));
        var back = new Uri(other.Address, "health");
        visit.Elsewhere = other.Address;
        var client = await ReadAsync(await http.PostAsJsonAsync(Place("registration_endpoint"), new { client_name = "Weather Desk", redirect_uris = new[] { back.AbsoluteUri } }, Cancellation));
        var clientId = client.GetProperty("client_id").GetString()!; // A registered client has one.
        const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk-under-a-path";
        var challenge = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        var page = visit.Page;
        await page.GotoAsync($"{Place("authorization_endpoint")}?response_type=code&client_id={clientId}&redirect_uri={Uri.EscapeDataString(back.AbsoluteUri)}&scope=rooms%3Aalpha&state=s1"
            + $"&code_challenge={challenge}&code_challenge_method=S256&resource={Uri.EscapeDataString(new Uri(proxy.Address, "mcp").AbsoluteUri)}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow" }).ClickAsync();
        await page.WaitForURLAsync(url => url.StartsWith(back.AbsoluteUri, StringComparison.Ordinal));
        var code = Uri.UnescapeDataString(page.Url.Split("code=")[1].Split('&')[0]);

        using var form = new FormUrlEncodedContent([new("grant_type", "authorization_code"), new("client_id", clientId), new("code", code), new("redirect_uri", back.AbsoluteUri), new("code_verifier", Verifier)]);
        var token = await ReadAsync(await http.PostAsync(Place("token_endpoint"), form, Cancellation));
        using var call = new HttpRequestMessage(HttpMethod.Post, resource.GetProperty("resource").GetString())
        {
            Content = JsonContent.Create(new
            {
                jsonrpc = "2.0",
                id = 1,
                method = "initialize",
                @params = new { protocolVersion = "2025-11-25", capabilities = new { }, clientInfo = new { name = "desk", version = "1" } },
            }),
        };
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        call.Headers.Accept.ParseAdd("application/json, text/event-stream");
        using var answer = await http.SendAsync(call, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode && text.Contains("serverInfo", StringComparison.Ordinal), $"{(int)answer.StatusCode}: {text}");

        string Place(string endpoint)
        {
            var place = metadata.GetProperty(endpoint).GetString()!; // The metadata names it.
            Assert.StartsWith(proxy.Address.AbsoluteUri, place, StringComparison.Ordinal);
            return place;
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
            return JsonElement.Parse(text);
        }
    }
}
