using Bunit;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Web.Components.Dashboard.Members;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>The members' page: a refused change leaves page and room as they were, and what the engine would refuse is not offered.</summary>
public sealed class MembersTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Role_Refused_IsShownAsItStands()
    {
        await using var bench = await RoomBench.OpenAsync();
        await JoinedAsync(bench, "ben", Role.Participant);
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        await DemoteAsync(bench);

        await SelectAsync(panel, "Role of ben", Role.Owner);

        Assert.Equal("participant", Shown(panel, "Role of ben"));
        Assert.NotEmpty(panel.FindAll(".refusal"));
        Assert.Contains(await MembersAsync(bench), member => member is { User: "ben", Role: Role.Participant });
    }

    [Fact]
    public async Task Role_Changed_IsShownAtOnceAndHolds()
    {
        await using var bench = await RoomBench.OpenAsync();
        await JoinedAsync(bench, "ben", Role.Participant);
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        await SelectAsync(panel, "Role of ben", Role.Observer);

        Assert.Equal("observer", Shown(panel, "Role of ben"));
        Assert.Empty(panel.FindAll(".refusal"));
        Assert.Contains(await MembersAsync(bench), member => member is { User: "ben", Role: Role.Observer });
    }

    [Fact]
    public async Task Join_Refused_IsShownAsItStands()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        await DemoteAsync(bench);

        await panel.FindAll(".choice input")[0].ChangeAsync(new ChangeEventArgs { Value = "on" });

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".refusal")));
        Assert.False(panel.FindAll(".choice input")[0].HasAttribute("checked"));
        Assert.True(panel.FindAll(".choice input")[1].HasAttribute("checked"));
        Assert.Equal(JoinPolicy.Open, (await bench.ModelAsync()).Info.Join);
    }

    [Fact]
    public async Task Share_WithMembersOnly_DoesBothInOneClick()
    {
        await using var bench = await SurfaceAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        Assert.Contains("whoever knows the id can join", panel.Find(".share-form .reach-open").TextContent, StringComparison.Ordinal);

        await panel.Find(".share-form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("#share-link")));
        Assert.Equal(JoinPolicy.Members, (await bench.ModelAsync()).Info.Join);
    }

    [Fact]
    public async Task Share_RoomStaysOpen_LeavesThePolicy()
    {
        await using var bench = await SurfaceAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        await panel.FindAll(".share-form button").Single(button => button.TextContent.Contains("stays open", StringComparison.Ordinal)).ClickAsync(new());

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("#share-link")));
        Assert.Equal(JoinPolicy.Open, (await bench.ModelAsync()).Info.Join);
    }

    /// <summary>Half of what was asked for in one click would be a room that nobody can join any more, and no link.</summary>
    [Fact]
    public async Task Share_LinkRefused_LeavesTheRoomOpen()
    {
        await using var bench = await SurfaceAsync();
        bench.Sit(await CallerAsync(bench, new MintToken { Scope = "rooms:r", ExpiresIn = TimeSpan.FromDays(1) }));
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        await panel.Find(".share-form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".refusal")));
        Assert.Empty(panel.FindAll("#share-link"));
        Assert.Equal(JoinPolicy.Open, (await bench.ModelAsync()).Info.Join);
        Assert.Empty(panel.FindAll(".share-row"));
    }

    [Fact]
    public async Task Share_PolicyRefused_MakesNoLink()
    {
        await using var bench = await SurfaceAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        await DemoteAsync(bench);

        await panel.Find(".share-form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".refusal")));
        Assert.Empty(panel.FindAll("#share-link"));
        Assert.DoesNotContain((await bench.Engine.Tokens.ListAsync(bench.Owner, Cancel)).Value, token => token.Label == "Share link");
    }

    [Fact]
    public async Task Name_Refused_ShowsTheRefusalAndKeepsTheName()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        await DemoteAsync(bench);

        await panel.Find("form[aria-label='Name of the room'] input").InputAsync("Another");
        await panel.Find("form[aria-label='Name of the room']").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".refusal")));
        Assert.Null((await bench.ModelAsync()).Info.Name);
    }

    [Fact]
    public async Task OnlyOwner_IsOfferedNeitherLeavingNorAnotherRole()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        Assert.Empty(panel.FindAll("button[aria-label='Leave the room']"));
        Assert.True(Select<Role>(panel, "Role of olga").Instance.Disabled);

        await JoinedAsync(bench, "ben", Role.Owner);
        var both = bench.Show<MembersPanel>(await bench.ModelOnceAsync(model => model.Info.Members.Count == 2));
        Assert.NotEmpty(both.FindAll("button[aria-label='Leave the room']"));
        Assert.False(Select<Role>(both, "Role of olga").Instance.Disabled);
    }

    [Fact]
    public async Task Leave_AsAMemberOfAnyRole_IsOfferedToThemselves()
    {
        await using var bench = await RoomBench.OpenAsync();
        foreach (var role in (Role[])[Role.Observer, Role.Participant, Role.Collaborator])
        {
            bench.Sit(await JoinedAsync(bench, $"m-{role}".ToLowerInvariant(), role));
            var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

            Assert.NotEmpty(panel.FindAll("button[aria-label='Leave the room']"));
            Assert.Empty(panel.FindAll(".share-form, .choice, .danger, .mud-select"));
        }
    }

    [Fact]
    public async Task Links_OpenedAndClosed_SayHowManyAreOpen()
    {
        await using var bench = await SurfaceAsync();
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, new MintToken { Scope = "rooms:r:view:score", Label = "Share link: Client" }, Cancel)).Value;
        var reader = (await bench.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        using (var first = (await bench.Engine.Live.WatchAsync(reader, "r", Cancel)).Value)
        using (var second = (await bench.Engine.Live.WatchAsync(reader, "r", Cancel)).Value)
        {
            var open = bench.Show<MembersPanel>(await bench.ModelAsync());
            await open.WaitForAssertionAsync(() => Assert.Contains("2 open now", open.Find(".share-row").TextContent, StringComparison.Ordinal));
        }

        var closed = bench.Show<MembersPanel>(await bench.ModelAsync());
        await closed.WaitForAssertionAsync(() => Assert.Contains("last used", closed.Find(".share-row").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("open now", closed.Find(".share-row").TextContent, StringComparison.Ordinal);
    }

    private static async Task<RoomBench> SurfaceAsync()
    {
        var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_register_view", """{"id":"score","expr":"7","render":{"type":"metric","label":"Score"}}""");
        return bench;
    }

    private static IRenderedComponent<MudSelect<T>> Select<T>(IRenderedComponent<MembersPanel> panel, string label) =>
        panel.FindComponents<MudSelect<T>>().Single(select => select.Instance.UserAttributes.TryGetValue("aria-label", out var named) && label.Equals(named));

    private static Task SelectAsync(IRenderedComponent<MembersPanel> panel, string label, Role role) =>
        panel.InvokeAsync(() => Select<Role>(panel, label).Instance.SelectOption(role));

    private static string Shown(IRenderedComponent<MembersPanel> panel, string label) => Select<Role>(panel, label).Find(".mud-select-input").TextContent.Trim();

    private static async Task<IReadOnlyList<RoomMember>> MembersAsync(RoomBench bench) => (await bench.Engine.Rooms.GetAsync(Caller.System("test"), "r", Cancel)).Value.Members;

    // Somebody who has the role and has taken it up, with a token that may all that they may.
    private static async Task<Caller> JoinedAsync(RoomBench bench, string user, Role role)
    {
        var minted = (await bench.Engine.Access.MintAsync(user, "rooms:* create_rooms", label: null, expiresIn: null, Cancel)).Value;
        var caller = (await bench.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        Assert.Null((await bench.Engine.Rooms.InviteAsync(bench.Owner, "r", user, role, Cancel)).Error);
        Assert.Null((await bench.Engine.Rooms.AnswerInvitationAsync(caller, "r", accept: true, Cancel)).Error);
        return caller;
    }

    // Another owner takes the viewer's role away while their page still shows it.
    private static async Task DemoteAsync(RoomBench bench)
    {
        var other = await JoinedAsync(bench, "zoe", Role.Owner);
        Assert.Null((await bench.Engine.Rooms.InviteAsync(other, "r", "olga", Role.Observer, Cancel)).Error);
    }

    private static async Task<Caller> CallerAsync(RoomBench bench, MintToken request)
    {
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, request, Cancel)).Value;
        return (await bench.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
    }
}
