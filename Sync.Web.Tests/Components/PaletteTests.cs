using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Docs;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Components;

/// <summary>The palette, the list of rooms, and what shares a path with an operation.</summary>
public sealed class PaletteTests(SyncHost host)
{
    private static readonly RoomInfo[] s_rooms = [Info("studio", "The studio"), Info("r")];

    [Theory]
    [InlineData("vote", "Action:vote")]
    [InlineData("ada", "Agent:ada")]
    [InlineData("stu", "Room:The studio")]
    [InlineData("STUDIO the", "Room:The studio")]
    [InlineData("act", "Panel:Actions")]
    [InlineData("panel mess", "Panel:Messages")]
    [InlineData("help express", "Help:Expressions")]
    [InlineData("account", "Page:Your account")]
    [InlineData("pause", "Command:Pause the room")]
    [InlineData("write mess", "Command:Write a message")]
    [InlineData("new room", "Command:New room")]
    [InlineData("token", "Command:New token")]
    [InlineData("theme dark", "Command:Theme: dark")]
    [InlineData("shortcuts", "Command:Keyboard shortcuts")]
    [InlineData("sign out", "Command:Sign out")]
    [InlineData("inbox", "Page:Inbox")]
    public void Palette_Query_HasTheBestFirst(string query, string expected)
    {
        var found = Model().Find(query, s_rooms)[0];

        Assert.Equal(expected, $"{found.Group}:{found.Title}");
    }

    [Fact]
    public void Palette_WithoutAQuery_BeginsWithTheRoomOnThePage() => Assert.Equal("Panel", Model().Find("", s_rooms)[0].Group);

    [Theory]
    [InlineData("messages", "g m")]
    [InlineData("write a message", "c")]
    [InlineData("keyboard", "?")]
    [InlineData("pause", null)]
    public void Palette_Item_NamesTheKeysThatDoTheSame(string query, string? keys) => Assert.Equal(keys, Model().Find(query, s_rooms)[0].Keys);

    [Fact]
    public void Commands_OfAPartThatHasGone_AreOfferedNoMore()
    {
        var commands = new PageCommands();
        var title = "one";
        using (commands.Add(() => [new PageCommand(title, null, null, () => Task.CompletedTask)]))
        {
            title = "two";
            Assert.Equal(["two"], commands.All.Select(static command => command.Title));
        }

        Assert.Empty(commands.All);
    }

    [Fact]
    public void Keys_OfPanels_AreEachOnceAndNoneIsTakenBySite()
    {
        var letters = Sync.Web.Components.Dashboard.RoomPanels.All.Select(static panel => panel.Key).Concat(['i', 'r', 'h']).ToList();

        Assert.Equal(letters.Count, letters.Distinct().Count());
    }

    [Fact]
    public void Palette_OfNothingThatFits_IsEmpty() => Assert.Empty(Model().Find("zzz qqq", s_rooms));

    [Fact]
    public void Palette_Action_OpensOnThePage() => Assert.Equal(PaletteDeed.Action, Model().Find("begin", s_rooms)[0].Deed);

    [Theory]
    [InlineData("stu", "stu")]
    [InlineData("room stu", "room stu|stu")]
    [InlineData("ro", "ro|")]
    public void Palette_Query_FindsRoomsWithAndWithoutTheirGroup(string query, string expected) => Assert.Equal(expected, string.Join('|', PaletteModel.RoomQueries(query)));

    [Fact]
    public async Task Rooms_AskedByAProgram_AreTheOperation()
    {
        (await host.Client().GetAsync("/rooms")).AssertRefusal("authentication_required", 401);
        (await (await host.UserAsync()).GetAsync("/rooms")).AssertOk();
    }

    [Fact]
    public async Task Rooms_AskedByABrowserThatIsNotSignedIn_LeadToSigningIn()
    {
        var reply = await host.Client().SendAsync(HttpMethod.Get, "/rooms", content: null, ("Accept", "text/html"));

        Assert.DoesNotContain("authentication_required", reply.Text, StringComparison.Ordinal);
        Assert.Contains(reply.Status, (int[])[200, 302]);
    }

    [Fact]
    public async Task DiagramFrame_HasNoOriginAndNoNetwork()
    {
        var reply = await host.Client().GetAsync("/diagrams/frame");

        var policy = reply.Header("Content-Security-Policy");
        Assert.Contains("sandbox allow-scripts", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-same-origin", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("connect-src", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DocsSearch_FindsSectionsByTheirWords()
    {
        var page = (await host.Client().GetAsync("/docs?q=idempotency+key")).AssertOk().Text;

        Assert.Contains("<mark>", page, StringComparison.Ordinal);
        Assert.Contains("/docs/api#", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")]
    public async Task DocsSearch_Hostile_IsEncoded(string query)
    {
        var page = (await host.Client().GetAsync($"/docs?q={query}")).AssertOk().Text;

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("Nothing found", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Design_IsAPageOfTheDocs()
    {
        var page = (await host.Client().SendAsync(HttpMethod.Get, "/docs/design", content: null, ("Accept", "text/html"))).AssertOk().Text;

        Assert.Contains("Surfaces", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/docs/design\"", (await host.Client().GetAsync("/docs")).AssertOk().Text, StringComparison.Ordinal);
    }

    private static RoomInfo Info(string id, string? name = null) =>
        new() { Id = id, Name = name, CreatedAt = DateTimeOffset.UnixEpoch, Join = JoinPolicy.Open, Access = AccessLevel.Read, Members = [] };

    private static PaletteModel Model() => PaletteModel.Of(
        RoomPageModels.Of(),
        [new("actions", "Actions", "x"), new("messages", "Messages", "m")],
        [new DocsFile("cel", "Expressions", "CEL over the room", 1, "")],
        isSignedIn: true,
        [new PageCommand("Pause the room", "nothing is written until it is resumed", null, () => Task.CompletedTask), new PageCommand("Write a message", null, "c", () => Task.CompletedTask)]);
}
