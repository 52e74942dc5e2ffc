using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Access;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>What the account pages say and send along, and who may talk to a circuit.</summary>
public sealed class AccountPageTests(AccountsHost host) : IClassFixture<AccountsHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/auth/sign-in")]
    [InlineData("/auth/register")]
    [InlineData("/auth/signed-out")]
    [InlineData("/setup?code=wrong")]
    [InlineData("/recover")]
    [InlineData("/auth/passkey-link?code=wrong")]
    public async Task Page_Always_CannotBeFramedKeptOrInjectedInto(string path)
    {
        var reply = (await host.Client().GetAsync(path)).AssertOk();

        var policy = reply.Header("Content-Security-Policy");
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", reply.Header("X-Frame-Options"));
        Assert.Equal("no-referrer", reply.Header("Referrer-Policy"));
        Assert.Contains("no-store", reply.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.DoesNotContain("onclick=", reply.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Page_OpenedAndSent_LogsNoWarning()
    {
        var log = new ErrorLog(LogLevel.Warning);
        await using var quiet = new SyncHost([], services => services.AddSingleton<ILoggerProvider>(log));
        await quiet.InitializeAsync();
        using var journey = await Sync.Web.Tests.OAuth.Journey.StartAsync(quiet);

        foreach (var path in (string[])["/auth/sign-in", "/auth/register", "/auth/signed-out", "/setup?code=wrong", "/recover", "/auth/device", "/auth/elevate", "/manage", "/"])
        {
            await journey.Browser.OpenAsync(path);
            Assert.True((await quiet.Client().GetAsync(path)).Status < 400);
        }

        await journey.DecideAsync("allow", ["create_rooms"]);
        await journey.Browser.PostFormAsync("/auth/device/approve", ("code", "BCDF-GHJK"), ("_handler", "device"), ("decision", "look"));

        Assert.Empty(log.Entries);
    }

    [Theory]
    [InlineData("/auth/sign-out")]
    [InlineData("/auth/device/approve")]
    public async Task Form_WithoutAntiforgery_IsAnsweredWithAPage(string path)
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("_handler", "device")]);

        var reply = await host.Client().SendAsync(HttpMethod.Post, path, content, ("Accept", "text/html"));

        Assert.Equal((400, "text/html"), (reply.Status, reply.ContentHeaders.ContentType?.MediaType));
        Assert.Contains("out of date", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetupLink_OnceUsed_SaysSo()
    {
        var page = await host.Client().GetAsync("/setup?code=anything");

        Assert.Contains("This server is set up already.", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("passkey-form", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?code=")]
    [InlineData("?code=set_wrong")]
    public async Task SetupLink_Wrong_ShowsNoForm(string query)
    {
        var fresh = new SyncHost();
        await using (fresh)
        {
            await fresh.InitializeAsync();
            var page = await fresh.Client().GetAsync("/setup" + query);

            Assert.Contains("Open the one that it printed last.", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("passkey-form", page.Text, StringComparison.Ordinal);
            Assert.Contains("Nobody is registered here yet.", (await fresh.Client().GetAsync("/auth/sign-in")).Text, StringComparison.Ordinal);
            Assert.Contains("waits for its first user", (await fresh.Client().GetAsync("/auth/register")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Invitation_ToARoom_SaysWhoInvitesAndRegistersIntoIt()
    {
        using var owner = await host.PersonAsync();
        var (room, invitation) = await InviteAsync(owner);
        using var guest = new TestBrowser(host);
        using var passkey = new SoftwarePasskey();

        var page = await guest.OpenAsync("/auth/register?invitation=" + invitation);
        var name = SyncHost.NewName("guest");
        var registered = await guest.CreateAsync("register", passkey, new { user_name = name, invitation });

        Assert.Contains(owner.Name, page.Text, StringComparison.Ordinal);
        Assert.Contains(room, page.Text, StringComparison.Ordinal);
        Assert.Equal($"/rooms/{room}/dashboard", registered["next"].GetString());
        Assert.Contains("it is used up, taken back or expired", (await host.Client().GetAsync("/auth/register?invitation=" + invitation)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_OpenedSignedIn_IsAcceptedByAForm()
    {
        using var owner = await host.PersonAsync();
        using var guest = await host.PersonAsync();
        var (room, invitation) = await InviteAsync(owner);

        var page = await guest.Browser.OpenAsync("/auth/register?invitation=" + invitation);
        var foreign = await guest.Browser.SendAsync(HttpMethod.Post, "/auth/invitation/accept", new FormUrlEncodedContent([KeyValuePair.Create("invitation", invitation)]));
        var accepted = await guest.Browser.PostFormAsync("/auth/invitation/accept", ("invitation", invitation));

        Assert.Contains("Accept the invitation", page.Text, StringComparison.Ordinal);
        foreign.AssertRefusal("invalid_parameter", 400);
        Assert.Equal($"/rooms/{room}/dashboard", accepted.Header("Location"));
    }

    [Fact]
    public async Task Invitation_AcceptedSignedOut_LeadsBackToItsPage()
    {
        using var owner = await host.PersonAsync();
        var (_, invitation) = await InviteAsync(owner);
        using var nobody = new TestBrowser(host);
        await nobody.OpenAsync("/auth/register?invitation=" + invitation);

        var reply = await nobody.PostFormAsync("/auth/invitation/accept", ("invitation", invitation));

        Assert.Equal("/auth/register?invitation=" + invitation, reply.Header("Location"));
    }

    [Theory]
    [InlineData("invite", "Registration needs an invitation.")]
    [InlineData("closed", "This server takes no new users.")]
    public async Task Registration_NotOpen_IsRefusedByPageAndCeremony(string policy, string sentence)
    {
        var closed = new SyncHost(new() { ["Sync:Registration"] = policy });
        await using (closed)
        {
            await closed.InitializeAsync();
            using var first = new TestBrowser(closed);
            using var passkey = new SoftwarePasskey();
            var setup = closed.Engine.Users.SetupSecret;
            await first.OpenAsync("/setup?code=" + setup);
            (await first.CreateAsync("register", passkey, new { user_name = "first", setup })).AssertOk();
            using var browser = new TestBrowser(closed);
            await browser.OpenAsync("/auth/sign-in");

            var page = await closed.Client().GetAsync("/auth/register");
            var options = await browser.PostJsonAsync("/auth/passkeys/register/options", new { user_name = "second" });

            Assert.Contains(sentence, page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("passkey-form", page.Text, StringComparison.Ordinal);
            options.AssertRefusal("registration_closed", 403);
        }
    }

    [Theory]
    [InlineData("https://evil.example", 403)]
    [InlineData("http://localhost:1", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:5080", 200)]
    [InlineData(null, 200)]
    public async Task Circuit_OpenedFromAnotherOrigin_IsRefused(string? origin, int status)
    {
        using var browser = new TestBrowser(host);

        var reply = await browser.SendAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", content: null, withToken: false, ("Origin", origin ?? browser.Origin));

        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public void KeyFolder_Always_IsItsOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        var folder = new DirectoryInfo(Path.Combine(host.DataDirectory, "keys"));

        Assert.NotEmpty(folder.GetFiles("key-*.xml"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder.UnixFileMode);
    }

    private async Task<(string Room, string Invitation)> InviteAsync(Person owner)
    {
        var room = SyncHost.NewName("invited");
        var created = await host.Client(await host.MintAsync(owner.Name)).PostAsync("/rooms", new { id = room });
        Assert.Equal(201, created.Status);
        var session = (await host.Engine.Users.SessionsAsync(owner.User.Id, Cancellation))[0];
        var made = await host.Engine.Invitations.CreateAsync(host.Engine.Users.OfSession(session.Id).Value, room, Role.Participant, life: null, Cancellation);
        return (room, made.Value.Secret);
    }
}
