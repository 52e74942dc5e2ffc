using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>
/// Somebody who has just started the server: by the setup link to a room, to an agent that works in it with the lines that the page shows, and to a decision. Counted in clicks and seconds, which
/// are printed; and what other clients are shown, used as it is shown.
/// </summary>
public sealed class NewcomerJourney(Browser browser, NodeClients clients) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    // What the page shows names the public address, so that this has to be the one it listens at.
    private static readonly int s_port = FreePort();

    private readonly ServerProcess _server = new(
        ("ASPNETCORE_URLS", Address), ("Sync__PublicUrl", Address), ("Sync__Limits__GuessesPerSecond", "1000"), ("Sync__Registration", "open"));

    private int _clicks;

    private static string Address => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{s_port}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Newcomer_ByTheSetupLink_HasAnAgentAtWorkAndDecides()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(s_patience);
        await clients.InstallAsync(limit.Token);
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        var link = await _server.SetupLinkAsync(limit.Token);
        await PasskeyDevice.AttachAsync(page);
        var clock = Stopwatch.StartNew();

        await SetUpAsync(page, link, "nina");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Getting started" })).ToContainTextAsync("0 of 4 done");
        await ClickAsync(page.GetByRole(AriaRole.Region, new() { Name = "Getting started" }).GetByRole(AriaRole.Link, new() { Name = "New room" }));
        await page.ArriveAsync("**/new");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync("Release planning");
        await Expect(page.GetByText("Its id will be release-planning.")).ToBeVisibleAsync();
        await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "Create room" }));
        await page.ArriveAsync("**/rooms/release-planning/dashboard");
        await ClickAsync(page.GetByRole(AriaRole.Region, new() { Name = "This room is new" }).GetByRole(AriaRole.Link, new() { Name = "Connect an agent" }));
        await page.GetByRole(AriaRole.Radio, new() { Name = "Cursor" }).CheckAsync(new() { Force = true });
        _clicks++;
        await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "Make the lines for Cursor" }));
        var arrival = page.GetByRole(AriaRole.Complementary, new() { Name = "Arrival" });
        await Expect(arrival).ToContainTextAsync("Waiting for cursor");
        var file = Path.Combine(Path.GetTempPath(), $"sync-newcomer-{s_port}.json");
        await File.WriteAllTextAsync(file, await page.Locator("#setup-cursor-1").InnerTextAsync(), limit.Token);
        _clicks++; // The copy button.
        var (asked, works) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), TimeSpan.Zero);
        var agent = clients.RunAsync("connect.mjs", ["ask", file, "release-planning"], line =>
        {
            if (line == "CONNECTED")
            {
                works = clock.Elapsed;
            }
            else if (line == "ASKED")
            {
                asked.TrySetResult();
            }

            return Task.CompletedTask;
        }, limit.Token);
        await EitherAsync(agent, Expect(arrival).ToContainTextAsync("cursor works here", new() { Timeout = 120_000 }));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"From the setup link to an agent at work: {works.TotalSeconds:F1} s of a machine, {_clicks} clicks."));
        await EitherAsync(agent, asked.Task);

        await ClickAsync(page.GetByRole(AriaRole.Link, new() { Name = "1 waits for you" }));
        await Expect(page.Locator(".inbox-row[data-kind=approval]")).ToContainTextAsync("cursor asks to invoke publish");
        await Expect(page.Locator(".inbox-item .diff-added")).ToContainTextAsync("a line");
        _clicks++; // A key.
        await AcceptAsync(page);

        var (code, output) = await agent;
        Assert.True(code == 0 && output.Contains("DONE", StringComparison.Ordinal), output);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"To a decision: {clock.Elapsed.TotalSeconds:F1} s, {_clicks} clicks."));
        Assert.InRange(_clicks, 1, 10);
        await page.OpenAsync("/rooms");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Getting started" })).ToContainTextAsync("3 of 4 done");
        File.Delete(file);
    }

    [Fact]
    public async Task Lines_OfOtherClients_WorkAsTheyAreShown()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(s_patience);
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, await _server.SetupLinkAsync(limit.Token), "nina");
        await page.OpenAsync("/new?name=Lab");
        await page.GetByRole(AriaRole.Radio, new() { NameRegex = new("^Review") }).CheckAsync(new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What it brings" })).ToContainTextAsync("publish_work");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create room" }).ClickAsync();
        await page.ArriveAsync("**/rooms/lab/dashboard");
        await page.OpenAsync("/rooms/lab/dashboard?panel=connect&connect.client=curl");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the lines for curl" }).ClickAsync();
        var arrival = page.GetByRole(AriaRole.Complementary, new() { Name = "Arrival" });

        var read = await ShellAsync(await page.Locator("#setup-curl-0").InnerTextAsync(), limit.Token);
        Assert.Contains("\"submit_work\"", read, StringComparison.Ordinal);
        await Expect(arrival).ToContainTextAsync("agent is connected");
        var acted = await ShellAsync($"{await page.Locator("#setup-curl-0").InnerTextAsync()} > /dev/null\n{await page.Locator("#setup-curl-1").InnerTextAsync()}", limit.Token);
        Assert.Contains("\"invoked\":true", acted, StringComparison.Ordinal);
        await Expect(arrival).ToContainTextAsync("agent works here");

        foreach (var (client, place, kind) in new[] { ("Claude Desktop", "#setup-claude-desktop-0", "local"), ("VS Code", "#setup-vscode-2", "remote"), ("Cursor", "#setup-cursor-1", "remote") })
        {
            await page.GetByRole(AriaRole.Radio, new() { Name = client }).CheckAsync(new() { Force = true });
            var file = Path.Combine(Path.GetTempPath(), $"sync-lines-{s_port}.json");
            await File.WriteAllTextAsync(file, await page.Locator(place).InnerTextAsync(), limit.Token);
            var (code, output) = await clients.RunAsync("connect.mjs", [kind, file, "lab"], static _ => Task.CompletedTask, limit.Token);
            Assert.True(code == 0 && output.Contains("DONE", StringComparison.Ordinal), $"{client}: {output}");
            File.Delete(file);
        }

        await page.GetByRole(AriaRole.Radio, new() { Name = "TypeScript" }).CheckAsync(new() { Force = true });
        var (ran, said) = await clients.RunTextAsync("agent.mjs", await page.Locator("#setup-typescript-1").InnerTextAsync(), limit.Token);
        Assert.True(ran == 0 && said.Contains("submit_work", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task OpenRoom_OpenedByAStranger_IsJoinedByOneClick()
    {
        await using var owner = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(owner.Page);
        await SetUpAsync(owner.Page, await _server.SetupLinkAsync(Cancellation), "nina");
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "nina", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        using var room = await RoomOverHttp.CreateAsync(_server.Address, token, "harbour", Cancellation);
        await using var stranger = await browser.OpenAsync(_server.Home);
        var page = stranger.Page;
        await PasskeyDevice.AttachAsync(page);
        await page.GotoAsync("/auth/register");
        await page.GetByLabel("User name").FillAsync("ben");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await page.ArriveAsync("**/manage");

        await page.OpenAsync("/rooms/harbour/dashboard");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are not in this room" })).ToBeVisibleAsync();
        if (Axe.Find() is { } axe)
        {
            Assert.Equal("", await Axe.ComplaintsAsync(page, axe));
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Join the room" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Agents" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Connect an agent" }).First).ToBeVisibleAsync();

        // A room for members only offers no way in.
        await page.OpenAsync("/rooms/no-such-room/dashboard");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is no such room" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Join the room" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Make this room" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Demo_Copied_IsARoomOneActsIn()
    {
        await using var visit = await browser.OpenAsync(_server.Home);
        var page = visit.Page;
        await PasskeyDevice.AttachAsync(page);
        await SetUpAsync(page, await _server.SetupLinkAsync(Cancellation), "nina");

        await page.OpenAsync("/rooms/demo/dashboard");
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy it to act in it" }).ClickAsync();
        await page.ArriveAsync("**/rooms/sandbox/dashboard");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sandbox", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByText("full", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Task queue" })).ToBeVisibleAsync();
    }

    // A key that comes before the page listens for keys is lost, and a person presses it again.
    private static async Task AcceptAsync(IPage page)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            await page.Keyboard.PressAsync("a");
            try
            {
                await Expect(page.Locator(".inbox-row[data-kind=approval]")).ToHaveCountAsync(0, new() { Timeout = 2000 });
                return;
            }
            catch (PlaywrightException)
            {
                // Not listened for yet, or not decided yet; another press of the key decides nothing twice.
            }
        }
    }

    // An agent that ends before it has come says why.
    private static async Task EitherAsync(Task<(int Code, string Output)> agent, Task came)
    {
        if (await Task.WhenAny(agent, came) == agent)
        {
            var (_, output) = await agent;
            Assert.Fail(output);
        }

        await came;
    }

    private async Task SetUpAsync(IPage page, string link, string name)
    {
        await page.GotoAsync(link);
        await page.GetByLabel("User name").FillAsync(name);
        await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }));
        await page.ArriveAsync("**/manage");
    }

    private Task ClickAsync(ILocator what)
    {
        _clicks++;
        return what.ClickAsync();
    }

    private static async Task<string> ShellAsync(string script, CancellationToken cancellationToken)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true }) ?? throw new InvalidOperationException("There is no shell.");
        var error = shell.StandardError.ReadToEndAsync(cancellationToken);
        var output = await shell.StandardOutput.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        Assert.True(shell.ExitCode == 0, await error);
        return output;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
