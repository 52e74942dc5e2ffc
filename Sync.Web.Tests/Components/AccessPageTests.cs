using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Services.Grants;
using Sync.Web.Http.Pipeline;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Components;

/// <summary>The pages on which access is given, as a browser without scripts meets them.</summary>
public sealed partial class AccessPageTests(SyncHost host)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages =>
    [
        "/manage", "/manage/rooms", "/manage/rooms/lab", "/manage/tokens", "/manage/passkeys", "/manage/profile",
        "/auth/device", "/auth/device?code=BCDF-GHJK", "/auth/device/approve", "/auth/elevate?token_id=t_1&room=lab&level=write",
        "/auth/consent?client_id=client_1&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=rooms:lab&state=a%20b",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_WithoutASession_SendsToSignInAndBack(string path)
    {
        using var browser = new TestBrowser(host);

        var page = await browser.OpenAsync(path);

        Assert.Equal(302, page.Status);
        var target = new Uri(new Uri(browser.Origin), page.Header("Location"));
        Assert.Equal(browser.Origin, target.GetLeftPart(UriPartial.Authority));
        Assert.Equal("/auth/sign-in", target.AbsolutePath);
        // The decision's own path takes forms; one comes back to the page before it.
        var back = path == "/auth/device/approve" ? "/auth/device" : path;
        Assert.Equal("?return=" + Uri.EscapeDataString(back), target.Query);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_WithASession_CannotBeFramedOrKept(string path)
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);

        var page = await browser.OpenAsync(path);

        page.AssertOk();
        Assert.Equal("DENY", page.Header("X-Frame-Options"));
        Assert.Contains("frame-ancestors 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("no-store", page.Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_NarrowedByThePerson_GetsJustThat()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var room = await RoomAsync(user);
        var flow = await StartAsync("rooms:* create_rooms");
        await browser.OpenAsync("/auth/device?code=" + flow.UserCode);
        var asked = await SendAsync(browser, ("code", flow.UserCode), ("decision", "look"));
        Assert.Contains("A program that did not say its name", asked.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"rooms:{room}:read\"", asked.Text, StringComparison.Ordinal);

        var approved = await SendAsync(browser, ("code", flow.UserCode), ("grant", ""), ("grant", $"rooms:{room}:read"), ("decision", "approve"));

        Assert.Contains("<h1>Approved</h1>", approved.Text, StringComparison.Ordinal);
        var answer = await host.Engine.Grants.PollDeviceAsync(flow.DeviceCode, clientId: null, Cancellation);
        Assert.Equal(DeviceState.Approved, answer.State);
        Assert.Equal($"rooms:{room}:read", answer.Token?.Info.Scope);
    }

    [Fact]
    public async Task Device_GrantedMoreThanItAsked_IsRefusedAndStaysPending()
    {
        using var browser = new TestBrowser(host);
        var room = await RoomAsync(await SignInAsync(browser));
        var flow = await StartAsync($"rooms:{room}:read");
        await browser.OpenAsync("/auth/device");

        var forged = await SendAsync(browser, ("code", flow.UserCode), ("grant", "rooms:*"), ("decision", "approve"));

        Assert.Contains("role=\"alert\"", forged.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<h1>Approved</h1>", forged.Text, StringComparison.Ordinal);
        Assert.Null((await host.Engine.Grants.FindDeviceAsync(flow.UserCode, Cancellation)).Error);
    }

    [Fact]
    public async Task Device_WithNothingPicked_SaysSo()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var flow = await StartAsync("create_rooms");
        await browser.OpenAsync("/auth/device");

        var page = await SendAsync(browser, ("code", flow.UserCode), ("decision", "approve"));

        Assert.Contains("Nothing is picked.", page.Text, StringComparison.Ordinal);
        Assert.Null((await host.Engine.Grants.FindDeviceAsync(flow.UserCode, Cancellation)).Error);
    }

    [Fact]
    public async Task Device_Denied_GetsAccessDenied()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var flow = await StartAsync(scope: null);
        await browser.OpenAsync("/auth/device");

        var page = await SendAsync(browser, ("code", flow.UserCode), ("decision", "deny"));

        Assert.Contains("<h1>Denied</h1>", page.Text, StringComparison.Ordinal);
        Assert.Equal(DeviceState.Denied, (await host.Engine.Grants.PollDeviceAsync(flow.DeviceCode, clientId: null, Cancellation)).State);
    }

    [Theory]
    [InlineData("look")]
    [InlineData("approve")]
    [InlineData("deny")]
    public async Task Device_UnknownCode_IsRefused(string decision)
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        await browser.OpenAsync("/auth/device");

        var page = await SendAsync(browser, ("code", "BCDF-GHJK"), ("grant", "create_rooms"), ("decision", decision));

        page.AssertOk();
        Assert.Contains("role=\"alert\"", page.Text, StringComparison.Ordinal);
        Assert.Contains("<h1>Connect a device</h1>", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_CodeInTheLink_IsOnlyFilledIn()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var flow = await StartAsync("create_rooms");

        var page = await browser.OpenAsync("/auth/device?code=" + flow.UserCode.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant());

        Assert.Contains($"value=\"{flow.UserCode}\"", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"approve\"", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_FormWithoutAntiforgery_Is400AndDecidesNothing()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var flow = await StartAsync("create_rooms");

        using var form = Form(("_handler", "device"), ("code", flow.UserCode), ("grant", "create_rooms"), ("decision", "approve"));
        var answer = await browser.SendAsync(HttpMethod.Post, "/auth/device/approve", form);

        Assert.Equal(400, answer.Status);
        Assert.Null((await host.Engine.Grants.FindDeviceAsync(flow.UserCode, Cancellation)).Error);
    }

    [Fact]
    public async Task Device_AfterTheSessionEnded_DecidesNothing()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var flow = await StartAsync("create_rooms");
        await browser.OpenAsync("/auth/device");
        await host.Engine.Users.EndSessionsAsync(user.Id, exceptSessionId: null, Cancellation);

        var answer = await SendAsync(browser, ("code", flow.UserCode), ("grant", "create_rooms"), ("decision", "approve"));

        Assert.NotEqual(200, answer.Status);
        Assert.Null((await host.Engine.Grants.FindDeviceAsync(flow.UserCode, Cancellation)).Error);
    }

    [Fact]
    public void Device_DecisionPath_IsSlowedDownLikeEveryGuess()
    {
        var endpoints = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

        var decision = Assert.Single(endpoints, endpoint => endpoint.RoutePattern.RawText?.Trim('/') == "auth/device/approve");

        Assert.NotNull(decision.Metadata.GetMetadata<CredentialRateLimit>());
    }

    [Fact]
    public async Task DevicePath_Posted_IsStillTheApi()
    {
        var started = await host.Client().PostAsync("/auth/device", new { scope = "create_rooms" });

        started.AssertOk();
        Assert.StartsWith("dev_", started["device_code"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elevation_Allowed_WidensThatToken()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var room = await RoomAsync(user);
        var token = await MintAsync(user, "create_rooms");
        var path = $"/auth/elevate?token_id={token.Info.Id}&room={room}&level=write";
        var page = await browser.OpenAsync(path);
        Assert.Contains("Robot asks for a room", page.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await host.Client(token.Secret).GetAsync($"/rooms/{room}/context")).Status);

        var allowed = await browser.PostFormAsync(path, ("_handler", "elevate"), ("decision", "allow"));

        Assert.Contains("<h1>Allowed</h1>", allowed.Text, StringComparison.Ordinal);
        (await host.Client(token.Secret).GetAsync($"/rooms/{room}/context")).AssertOk();
    }

    [Fact]
    public async Task Elevation_Cancelled_ChangesNothing()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var room = await RoomAsync(user);
        var token = await MintAsync(user, "create_rooms");
        var path = $"/auth/elevate?token_id={token.Info.Id}&room={room}&level=admin";
        await browser.OpenAsync(path);

        var page = await browser.PostFormAsync(path, ("_handler", "elevate"), ("decision", "cancel"));

        Assert.Contains("<h1>Nothing changed</h1>", page.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await host.Client(token.Secret).GetAsync($"/rooms/{room}/context")).Status);
    }

    [Fact]
    public async Task Elevation_FormWithoutAntiforgery_Is400AndChangesNothing()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var room = await RoomAsync(user);
        var token = await MintAsync(user, "create_rooms");

        using var form = Form(("_handler", "elevate"), ("decision", "allow"));
        var answer = await browser.SendAsync(HttpMethod.Post, $"/auth/elevate?token_id={token.Info.Id}&room={room}&level=write", form);

        Assert.Equal(400, answer.Status);
        Assert.Equal(403, (await host.Client(token.Secret).GetAsync($"/rooms/{room}/context")).Status);
    }

    [Fact]
    public async Task Elevation_OfAnotherUsersToken_IsRefused()
    {
        using var browser = new TestBrowser(host);
        var room = await RoomAsync(await SignInAsync(browser));
        var foreign = await MintAsync(await NewUserAsync(), "create_rooms");
        var path = $"/auth/elevate?token_id={foreign.Info.Id}&room={room}&level=write";

        var page = await browser.OpenAsync(path);
        var posted = await browser.PostFormAsync(path, ("_handler", "elevate"), ("decision", "allow"));

        Assert.Contains("This cannot be allowed", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Robot", page.Text, StringComparison.Ordinal);
        Assert.Contains("This cannot be allowed", posted.Text, StringComparison.Ordinal);
        Assert.Equal(403, (await host.Client(foreign.Secret).GetAsync($"/rooms/{room}/context")).Status);
    }

    [Fact]
    public async Task Elevation_WithoutARoleInTheRoom_SaysWhatToDo()
    {
        using var browser = new TestBrowser(host);
        var token = await MintAsync(await SignInAsync(browser), "create_rooms");
        var elsewhere = await RoomAsync(await NewUserAsync(), join: "members");

        var page = await browser.OpenAsync($"/auth/elevate?token_id={token.Info.Id}&room={elsewhere}&level=write");

        Assert.Contains("Ask an owner", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"allow\"", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/auth/elevate")]
    [InlineData("/auth/elevate?token_id=t_1&room=lab&level=all")]
    public async Task Elevation_ByABrokenLink_IsRefused(string path)
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);

        var page = await browser.OpenAsync(path);

        Assert.Contains("This link is not complete.", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consent_ToARegisteredClient_ShowsItAndLetsTheFormGoBackThere()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var client = await RegisterAsync("https://desk.example/cb");

        var page = await browser.OpenAsync($"/auth/consent?client_id={client}&redirect_uri={Uri.EscapeDataString("https://desk.example/cb")}&scope=create_rooms&state=a%22b&decision=allow&grant=rooms:*");

        Assert.Contains("Weather Desk wants access", page.Text, StringComparison.Ordinal);
        Assert.Contains("<b>desk.example</b>", page.Text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' https://desk.example:443;", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("name=\"state\" value=\"a&quot;b\"", page.Text, StringComparison.Ordinal);
        // What the request says must not answer for the person.
        Assert.DoesNotContain("type=\"hidden\" name=\"decision\"", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("rooms:*", page.Text, StringComparison.Ordinal);
    }

    /// <summary>What a program says of itself is marked as its own claim; beside it stands what this server knows, and when the grant expires.</summary>
    [Fact]
    public async Task Consent_SaysWhatIsClaimedWhereItComesFromAndWhenItExpires()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var client = await RegisterAsync("https://desk.example/cb");

        var page = Words(await browser.OpenAsync($"/auth/consent?client_id={client}&redirect_uri={Uri.EscapeDataString("https://desk.example/cb")}&scope=create_rooms"));

        Assert.Contains("Calls itself Weather Desk its own claim", page, StringComparison.Ordinal);
        Assert.Matches("Comes from registered itself on this server on [0-9]{1,2} [A-Z][a-z]+ [0-9]{4}, .* new here", page);
        Assert.Contains("Will send you back to desk.example", page, StringComparison.Ordinal);
        Assert.Contains("Expires not before you revoke it: it renews itself every hour", page, StringComparison.Ordinal);
    }

    public static TheoryData<string?, string> DeviceClients => new()
    {
        { null, "Comes from unknown: it did not say which program it is" },
        { "registered", "Comes from registered itself on this server on" },
        { "https://app.example/client.json", "Comes from the site app.example vouches for it" },
    };

    [Theory]
    [MemberData(nameof(DeviceClients))]
    public async Task Device_SaysWhatIsClaimedWhereItComesFromAndWhenItExpires(string? client, string origin)
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var id = client == "registered" ? await RegisterAsync("https://desk.example/cb") : client;
        var started = await host.Client().PostAsync("/auth/device", id is null ? new { scope = "create_rooms" } : (object)new { scope = "create_rooms", client_id = id });
        started.AssertOk();
        var code = started["user_code"].GetString()!; // A started flow has one.
        await browser.OpenAsync("/auth/device?code=" + code);

        var asked = Words(await SendAsync(browser, ("code", code), ("decision", "look")));
        Assert.Contains(origin, asked, StringComparison.Ordinal);
        Assert.Equal(id is not null, asked.Contains("its own claim", StringComparison.Ordinal));
        Assert.Matches("The code expires in 1[0-9] minutes", asked);
        Assert.Contains("Expires not before you revoke it", asked, StringComparison.Ordinal);

        var approved = Words(await SendAsync(browser, ("code", code), ("grant", "create_rooms"), ("decision", "approve")));
        Assert.Contains("It expires not before you revoke it", approved, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elevation_SaysWhereTheTokenComesFromAndWhenItExpires()
    {
        using var browser = new TestBrowser(host);
        var user = await SignInAsync(browser);
        var room = await RoomAsync(user);
        var token = await MintAsync(user, "create_rooms");

        var page = Words(await browser.OpenAsync($"/auth/elevate?token_id={token.Info.Id}&room={room}&level=write"));

        Assert.Contains("Comes from you: made under Tokens", page, StringComparison.Ordinal);
        Assert.Contains("Expires not before you revoke the token", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task Consent_ToAnotherAddress_IsRefusedAndAllowsNoForm(string redirect)
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);
        var client = await RegisterAsync("https://desk.example/cb");

        var page = await browser.OpenAsync($"/auth/consent?client_id={client}&redirect_uri={Uri.EscapeDataString(redirect)}&scope=create_rooms");

        Assert.Contains("This cannot be allowed", page.Text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("action=\"/oauth/authorize\"", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consent_ToAnUnknownClient_IsRefused()
    {
        using var browser = new TestBrowser(host);
        await SignInAsync(browser);

        var page = await browser.OpenAsync("/auth/consent?client_id=client_nobody&redirect_uri=https%3A%2F%2Fapp.example%2Fcb");

        Assert.Contains("connect anew: it then registers again.", WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
    }

    // A page as it is read: without its marks, each run of spaces one.
    private static string Words(ApiReply page) => Spaces().Replace(WebUtility.HtmlDecode(Marks().Replace(page.Text, " ")), " ");

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private static Task<ApiReply> SendAsync(TestBrowser browser, params (string Name, string Value)[] fields) =>
        browser.PostFormAsync("/auth/device/approve", [("_handler", "device"), .. fields]);

    private async Task<UserInfo> NewUserAsync()
    {
        var name = SyncHost.NewName("person");
        await host.MintAsync(name, "create_rooms");
        return (await host.Engine.Users.FindByNameAsync(name, Cancellation))!; // Just made.
    }

    private async Task<UserInfo> SignInAsync(TestBrowser browser)
    {
        var user = await NewUserAsync();
        await browser.SignInAsync(user);
        return user;
    }

    private async Task<string> RoomAsync(UserInfo owner, string join = "open")
    {
        var id = SyncHost.NewName("room");
        (await host.Client(await host.MintAsync(owner.Name)).PostAsync("/rooms", new { id, join })).AssertOk(201);
        return id;
    }

    private async Task<IssuedToken> MintAsync(UserInfo user, string scope)
    {
        var session = await host.Engine.Users.StartSessionAsync(user.Id, "Test", Cancellation);
        var minted = await host.Engine.Tokens.MintAsync(host.Engine.Users.OfSession(session.Id).Value, new MintToken { Scope = scope, Label = "Robot" }, Cancellation);
        return minted.Value;
    }

    private async Task<DeviceStarted> StartAsync(string? scope) => (await host.Engine.Grants.StartDeviceAsync(client: null, scope, Cancellation)).Value;

    private async Task<string> RegisterAsync(string redirect) =>
        (await host.Engine.Clients.RegisterAsync(new OAuthClientRegistration("Weather Desk", [redirect], Uri: null), Cancellation)).Value.Id;
}
