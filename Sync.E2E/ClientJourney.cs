using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>Clients that other people wrote (folder <c>clients</c>), authorised by a person in a real browser. They need Node; without it they are skipped.</summary>
public sealed class ClientJourney(Browser browser, NodeClients clients)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("localhost", "mcp.mjs")]
    [InlineData("localhost", "openid.mjs")]
    [InlineData("localhost", "sdk1.mjs")]
    [InlineData("localhost", "sdk2.mjs", "auto")]
    [InlineData("localhost", "sdk2.mjs", "legacy")]
    [InlineData("127.0.0.1", "mcp.mjs")]
    [InlineData("127.0.0.1", "openid.mjs")]
    [InlineData("127.0.0.1", "sdk2.mjs", "auto")]
    public async Task Client_OfAnotherMaker_CompletesTheWholeFlow(string spelling, string script, params string[] more)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        // Clients compare the issuer with the address they asked, so the server must know its own.
        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort()}");
        await using var server = new ServerProcess(("Sync__Demo", "false"), ("ASPNETCORE_URLS", address), ("Sync__PublicUrl", address));
        await server.StartAsync(limit.Token);
        await using var visit = await browser.OpenAsync(new Uri(address));
        await PasskeyDevice.AttachAsync(visit.Page);
        await visit.Page.GotoAsync(await server.SetupLinkAsync(limit.Token));
        await visit.Page.GetByLabel("User name").FillAsync("ada");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await visit.Page.ArriveAsync("**/manage");

        var (code, output) = await clients.RunAsync(script, [address.Replace("localhost", spelling, StringComparison.Ordinal), .. more], line => ObeyAsync(visit.Page.Context, line.Split(' ')), limit.Token);

        Assert.True(code == 0 && output.Contains("DONE", StringComparison.Ordinal), output);
    }

    // What a script prints for the person to do. Each in a page that nobody watches: the browser goes to the client at the end, which is another host.
    private static Task ObeyAsync(IBrowserContext context, string[] words) => words switch
    {
        ["OPEN", var address] => DecideAsync(context, address, static _ => Task.CompletedTask),
        ["NARROW", var address] => DecideAsync(context, address, static page => page.GetByLabel("Only in the rooms chosen below").CheckAsync()),
        ["ELEVATE", var address, var back] => ElevateAsync(context, address, back),
        _ => Task.CompletedTask,
    };

    private static async Task DecideAsync(IBrowserContext context, string address, Func<IPage, Task> choose)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await choose(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("http://127.0.0.1:*/callback?*");
        await page.CloseAsync();
    }

    private static async Task ElevateAsync(IBrowserContext context, string address, string back)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Allowed" }).WaitForAsync();
        await page.GotoAsync(back);
        await page.CloseAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
