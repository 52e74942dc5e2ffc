using System.Net.Http.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Sync.E2E;

/// <summary>
/// Every page and every panel, as a person sees them in a room where much goes on: light and dark, from a phone to a wide screen. None is wider than its window, none has a serious
/// violation that axe knows. With <c>SYNC_SHOTS</c> set to a folder each is kept there as a picture, to be judged by eye.
/// </summary>
public sealed class EveryPageJourney(Browser browser) : IAsyncLifetime
{
    private static readonly int[] s_widths = [390, 768, 1440, 1920];

    // These have no circuit to wait for.
    private static readonly string[] s_static = ["/auth/", "/docs", "/setup", "/recover"];

    private static readonly string? s_shots = Environment.GetEnvironmentVariable("SYNC_SHOTS");

    private readonly ServerProcess _server = new(("Sync__Limits__GuessesPerSecond", "1000"));
    private Visit? _visit;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Visit Seen => _visit ?? throw new InvalidOperationException("Nobody has signed in.");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        _visit = await browser.OpenAsync(_server.Home);
        await PasskeyDevice.AttachAsync(Seen.Page);
    }

    public async ValueTask DisposeAsync()
    {
        if (_visit is not null)
        {
            await _visit.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task PageOfTheRoom_InEachWidthAndTheme_FitsAndIsAccessible()
    {
        await SignUpAsync();
        using var room = await BusyRoomAsync();
        string[] panels = ["surfaces", "agents", "state", "messages", "actions", "approvals", "views", "log", "leases", "packs", "console", "vocabulary", "members", "connect"];

        var complaints = await LookAtAsync(
            [
                ("overview", $"/rooms/{room.Id}/dashboard"),
                .. panels.Select(panel => (panel, $"/rooms/{room.Id}/dashboard?panel={panel}")),
                ("agent", $"/rooms/{room.Id}/dashboard?panel=agents&agent=lovelace"),
                ("event", $"/rooms/{room.Id}/dashboard?panel=log&event=4"),
                ("entry", $"/rooms/{room.Id}/dashboard?panel=state&key=_shared%2Fgate"),
                ("past", $"/rooms/{room.Id}/dashboard?at=5"),
                ("demo", "/rooms/demo/dashboard"),
            ]);

        Assert.Equal("", complaints);
    }

    [Fact]
    public async Task PageOfTheSite_InEachWidthAndTheme_FitsAndIsAccessible()
    {
        await SignUpAsync();

        var before = await LookAtAsync([("rooms-empty", "/rooms"), ("inbox-empty", "/inbox")]);
        using var room = await BusyRoomAsync();
        var complaints = await LookAtAsync(
            [
                ("landing", "/"), ("rooms", "/rooms"), ("inbox", "/inbox"), ("manage", "/manage"), ("manage-rooms", "/manage/rooms"), ("manage-room", $"/manage/rooms/{room.Id}"), ("manage-tokens", "/manage/tokens"),
                ("manage-passkeys", "/manage/passkeys"), ("manage-profile", "/manage/profile"), ("manage-notifications", "/manage/notifications"), ("admin", "/admin"), ("admin-users", "/admin/users"), ("admin-rooms", "/admin/rooms"), ("admin-access", "/admin/access"), ("admin-settings", "/admin/settings"),
                ("device", "/auth/device"), ("room-unknown", "/rooms/no-such-room/dashboard"), ("new", "/new"), ("new-review", "/new?template=review&name=Review"),
                ("docs", "/docs"), ("docs-api", "/docs/api"), ("docs-search", "/docs?q=lease"), ("docs-records", "/docs/decisions/README"), ("consent-refused", "/auth/consent"), ("elevate-refused", "/auth/elevate"), ("design", "/docs/design"),
            ]);

        Assert.Equal("", before + complaints);
    }

    [Fact]
    public async Task PageOfNobody_InEachWidthAndTheme_FitsAndIsAccessible()
    {
        var complaints = await LookAtAsync(
            [("setup", await _server.SetupLinkAsync(Cancellation)), ("landing-nobody", "/"), ("sign-in", "/auth/sign-in"), ("recover", "/recover"), ("demo-nobody", "/rooms/demo/dashboard")]);

        Assert.Equal("", complaints);
    }

    [Fact]
    public async Task Focus_OfLinksAndButtons_IsSeen()
    {
        var page = Seen.Page;
        await page.GotoAsync("/");
        for (var i = 0; i < 8; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("solid", await page.EvaluateAsync<string>("() => document.activeElement.matches('a, button') ? getComputedStyle(document.activeElement).outlineStyle : 'solid'"));
        }
    }

    private async Task SignUpAsync()
    {
        await Seen.Page.GotoAsync(await _server.SetupLinkAsync(Cancellation));
        await Seen.Page.GetByLabel("User name").FillAsync("olga");
        await Seen.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await Seen.Page.ArriveAsync("**/manage");
    }

    // Something of everything: what is shown, said, held, asked for, broken, contested, refused, paused.
    private async Task<RoomOverHttp> BusyRoomAsync()
    {
        var (exitCode, token, error) = await _server.CommandAsync(["token", "mint", "--user", "olga", "--scope", "rooms:* create_rooms"], Cancellation);
        Assert.True(exitCode == 0, error);
        var room = await RoomOverHttp.CreateAsync(_server.Address, token, "harbour", Cancellation);
        async Task InvokeAsync(string action, object parameters) => await room.InvokeAsync(action, parameters, Cancellation);
        await InvokeAsync("_install_pack", new { pack = "task_queue" });
        await InvokeAsync("_register_action", new
        {
            id = "open_gate",
            description = "Opens the gate so many metres wide.",
            @params = new { width = new { type = "integer" } },
            writes = new object[] { new { key = "gate", value = "${params.width}" }, new { key = "opened", increment = 1 } },
        });
        await InvokeAsync("_register_action", new { id = "close_gate", writes = new object[] { new { key = "gate", value = 0 } } });
        await InvokeAsync("_register_action", new { id = "flood", writes = new object[] { new { key = "flooded", value = true } }, approve = new { by = "person" } });
        await InvokeAsync("_register_view", new { id = "gate_width", expr = "state._shared.gate", render = new { type = "metric", label = "Gate", unit = "m" } });
        await InvokeAsync("_register_view", new { id = "tides", expr = "[{\"at\": 1, \"high\": 3.1}, {\"at\": 2, \"high\": 2.4}, {\"at\": 3, \"high\": 4.0}]", render = new { type = "chart", label = "Tides" } });
        await InvokeAsync("_register_view", new { id = "levels", expr = "state._shared.entries()", render = new { type = "array-table", label = "Everything" } });
        await InvokeAsync("_register_view", new { id = "broken", expr = "1 / (state._shared.gate - 4)", render = new { type = "metric", label = "Broken" } });
        await InvokeAsync("open_gate", new { width = 4 });
        await InvokeAsync("_claim", new { paths = "_shared/gate", ttl_ms = 3_600_000 });
        await InvokeAsync("_send_message", new { body = "Which gate first?", kind = "question", to = "lovelace" });
        await InvokeAsync("_send_message", new { body = "A long word that must not widen the page: " + new string('w', 300) });
        await InvokeAsync("flood", new { });
        using var refused = new HttpClient { BaseAddress = _server.Address };
        refused.DefaultRequestHeaders.Authorization = new("Bearer", room.RoomToken);
        using var answer = await refused.PostAsJsonAsync($"rooms/{room.Id}/actions/open_gate/invoke", new { @params = new { width = "wide" }, agent = "lovelace" }, Cancellation);
        return room;
    }

    private async Task<string> LookAtAsync(IEnumerable<(string Name, string Path)> pages)
    {
        var axe = Axe.Find();
        var complaints = new List<string>();
        var page = Seen.Page;
        foreach (var (name, path) in pages)
        {
            await page.SetViewportSizeAsync(1440, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
            await page.GotoAsync(path);
            if (!s_static.Any(path.Contains))
            {
                await page.LiveAsync();
            }

            await Expect(page.GetByRole(AriaRole.Heading).First).ToBeVisibleAsync();
            await Expect(page.Locator(".skeletons")).ToHaveCountAsync(0);
            foreach (var width in s_widths)
            {
                await page.SetViewportSizeAsync(width, 900);
                if (await Seen.SidewaysAsync() is > 0 and var wider)
                {
                    complaints.Add($"{name} at {width} px is {wider} px too wide");
                }

                foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
                {
                    await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                    // Themes are of the whole sheet: on a phone one is enough.
                    if (axe is not null && (width is 1440 || (width is 390 && scheme is ColorScheme.Light)) && await Axe.ComplaintsAsync(page, axe) is { Length: > 0 } found)
                    {
                        complaints.Add($"{name} at {width} px, {scheme}: {found}");
                    }

                    if (s_shots is not null)
                    {
                        await page.ScreenshotAsync(new() { Path = Path.Combine(s_shots, $"{name}-{width}-{scheme}.png".ToLowerInvariant()), FullPage = width is 390 or 1440 });
                    }
                }
            }
        }

        return string.Join('\n', complaints);
    }
}
