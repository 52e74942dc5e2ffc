using System.Text;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Leaving, removing, handing over, and links that let people in.</summary>
public sealed class MemberTests(SyncHost host)
{
    [Fact]
    public async Task Member_Removed_IsOutAtOnce()
    {
        var room = await host.RoomAsync();
        var (name, member) = await MemberAsync(room, "participant");
        (await member.GetAsync(room.Path)).AssertOk();

        var removed = (await room.Owner.DeleteAsync($"{room.Path}/members/{name}")).AssertOk();

        Assert.Equal($$"""{"removed":true,"username":"{{name}}","room":"{{room.Id}}","role":"participant"}""", removed.Text);
        (await member.GetAsync(room.Path)).AssertRefusal("scope_denied", 403);
    }

    [Fact]
    public async Task Member_Leaving_NeedsNobody()
    {
        var room = await host.RoomAsync();
        var (name, member) = await MemberAsync(room, "observer");

        (await member.DeleteAsync($"{room.Path}/members/{name}")).AssertOk();

        (await member.GetAsync(room.Path)).AssertRefusal("scope_denied", 403);
    }

    [Fact]
    public async Task Member_RemovedFromAnOpenRoom_ComesBackByInvitationOnly()
    {
        var room = await host.RoomAsync();
        var (name, member) = await MemberAsync(room, "participant");
        var bound = host.Client(await host.MintAsync(name, $"rooms:{SyncHost.NewName("other")}"));
        var agent = host.Client((await bound.PostAsync(room.Path + "/agents", new { id = "helper" })).AssertOk(201)["token"].GetString()!); // A join is given one.
        await using var mcp = await Mcp.McpConnection.OpenAsync(host, await host.MintAsync(name), "probe");
        (await room.Owner.DeleteAsync($"{room.Path}/members/{name}")).AssertOk();

        (await member.PostAsync(room.Path + "/agents", new { id = "again" })).AssertRefusal("scope_denied", 403);
        (await bound.PostAsync(room.Path + "/agents", new { id = "again" })).AssertRefusal("scope_denied", 403);
        (await member.PostAsync(room.Path + "/actions/_send_message/invoke", new { @params = new { body = "x" } })).AssertRefusal("scope_denied", 403);
        Assert.Equal(401, (await agent.GetAsync(room.Path + "/context")).Status);
        await mcp.RefusedAsync("scope_denied", "sync_embody", new { room = room.Id });
        await mcp.RefusedAsync("scope_denied", "sync_join_room", new { room = room.Id, id = "again" });
        await mcp.RefusedAsync("scope_denied", "sync_send_message", new { room = room.Id, body = "x", agent = "again" });
        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "participant" })).AssertOk();
        (await member.PostAsync(room.Path + "/agents", new { id = "again" })).AssertOk(201);
        await mcp.OkAsync("sync_embody", new { room = room.Id });
    }

    [Fact]
    public async Task Member_RemovingAnother_IsRefused()
    {
        var room = await host.RoomAsync();
        var (_, collaborator) = await MemberAsync(room, "collaborator");
        var (other, _) = await MemberAsync(room, "observer");

        (await collaborator.DeleteAsync($"{room.Path}/members/{other}")).AssertRefusal("not_owner", 403);
        (await room.Owner.DeleteAsync($"{room.Path}/members/nobody")).AssertRefusal("user_not_found", 404);
        (await room.Owner.DeleteAsync($"{room.Path}/members/{room.OwnerName}")).AssertRefusal("last_owner", 409);
    }

    [Fact]
    public async Task Transfer_ToAMember_MakesThemOwner()
    {
        var room = await host.RoomAsync();
        var (name, member) = await MemberAsync(room, "observer");
        (await room.Owner.PostAsync(room.Path + "/transfer", new { username = name })).AssertRefusal("user_not_found", 404);
        (await member.PostAsync("/invitations/" + room.Id, new { accept = true })).AssertOk();

        var transferred = (await room.Owner.PostAsync(room.Path + "/transfer", new { username = name })).AssertOk();

        Assert.Equal($$"""{"transferred":true,"username":"{{name}}","room":"{{room.Id}}","role":"owner"}""", transferred.Text);
        Assert.Equal("owner", (await member.GetAsync(room.Path))["role"].GetString());
        Assert.Equal("collaborator", (await room.Owner.GetAsync(room.Path))["role"].GetString());
        (await room.Owner.PostAsync(room.Path + "/transfer", new { username = name })).AssertRefusal("room_token_required", 403);
    }

    [Fact]
    public async Task Invitation_Made_IsListedWithoutItsSecretAndTakenBack()
    {
        var room = await host.RoomAsync();

        var made = (await room.Owner.PostAsync(room.Path + "/invitations", new { role = "collaborator", expires_in = 3600 })).AssertOk(201);

        Assert.StartsWith("http://localhost:5080/auth/register?invitation=inv_", made["url"].GetString(), StringComparison.Ordinal);
        Assert.Equal("collaborator", made["role"].GetString());
        Assert.Equal(room.OwnerName, made["invited_by"].GetString());
        var listed = (await room.Owner.GetAsync(room.Path + "/invitations")).AssertOk();
        Assert.Equal(made["id"].GetString(), Assert.Single(listed["invitations"].EnumerateArray()).GetProperty("id").GetString());
        Assert.DoesNotContain("inv_", listed.Text.Replace(made["id"].GetString()!, "", StringComparison.Ordinal), StringComparison.Ordinal); // A made one has an id.
        (await room.Owner.DeleteAsync($"{room.Path}/invitations/{made["id"].GetString()}")).AssertOk();
        Assert.Empty((await room.Owner.GetAsync(room.Path + "/invitations"))["invitations"].EnumerateArray());
        (await room.Owner.DeleteAsync($"{room.Path}/invitations/{made["id"].GetString()}")).AssertRefusal("not_found", 404);
    }

    [Fact]
    public async Task Invitation_OfAnotherRoom_IsNotThisRoomsToTakeBack()
    {
        var room = await host.RoomAsync();
        var made = (await room.Owner.PostAsync(room.Path + "/invitations", new { })).AssertOk(201);
        var second = (await room.Owner.PostAsync("/rooms", new { })).AssertOk(201)["id"].GetString();

        (await room.Owner.DeleteAsync($"/rooms/{second}/invitations/{made["id"].GetString()}")).AssertRefusal("not_found", 404);
    }

    [Fact]
    public async Task Invitations_ByOthersThanOwners_AreRefused()
    {
        var room = await host.RoomAsync();
        var (_, collaborator) = await MemberAsync(room, "collaborator");

        (await collaborator.PostAsync(room.Path + "/invitations", new { })).AssertRefusal("not_owner", 403);
        (await collaborator.GetAsync(room.Path + "/invitations")).AssertRefusal("not_owner", 403);
        (await host.Client(room.RoomToken).PostAsync(room.Path + "/invitations", new { })).AssertRefusal("identity_mismatch", 403);
    }

    [Theory]
    [InlineData("invitations", """{"role":"king"}""", "invalid_parameter")]
    [InlineData("invitations", """{"expires_in":-5}""", "invalid_parameter")]
    [InlineData("invitations", """{"expires_in":90000000}""", "invalid_parameter")]
    [InlineData("invitations", """{"rôle":1}""", "unknown_field")]
    [InlineData("transfer", """{}""", "missing_param")]
    [InlineData("transfer", """{"username":7}""", "invalid_parameter")]
    [InlineData("transfer", """nonsense""", "invalid_json")]
    public async Task Body_OfNonsense_IsRefused(string path, string body, string error)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostRawAsync($"{room.Path}/{path}", Encoding.UTF8.GetBytes(body))).AssertRefusal(error, 400);
    }

    private async Task<(string Name, ApiClient Client)> MemberAsync(TestRoom room, string role)
    {
        var name = SyncHost.NewName("member");
        var client = host.Client(await host.MintAsync(name));
        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role })).AssertOk();
        return (name, client);
    }
}
