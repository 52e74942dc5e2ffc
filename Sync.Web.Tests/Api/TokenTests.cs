using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Minting, listing, narrowing, refreshing and revoking over HTTP, and everything that must not widen.</summary>
public sealed class TokenTests(SyncHost host)
{
    [Fact]
    public async Task Mint_OfLess_GivesATokenThatWorks()
    {
        var room = await host.RoomAsync();

        var minted = (await room.Owner.PostAsync("/tokens", new { scope = $"rooms:{room.Id}:read", label = "reader", expires_in = 60 })).AssertOk(201);

        Assert.Equal(["agent_id", "expires_at", "id", "label", "room_id", "scope", "token"], minted.Json.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal("reader", minted["label"].GetString());
        Assert.Equal(room.Id, minted["room_id"].GetString());
        Assert.Equal($"rooms:{room.Id}:read", minted["scope"].GetString());
        Assert.Equal("/tokens/" + minted["id"].GetString(), minted.Header("Location"));
        var reader = host.Client(minted["token"].GetString());
        (await reader.GetAsync(room.Path + "/context")).AssertOk();
        (await room.InvokeAsync("_send_message", new { body = "hi" }, reader)).AssertRefusal("read_only_token", 403);
    }

    [Fact]
    public async Task Mint_ForAnAgent_ActsAsIt()
    {
        var room = await host.RoomAsync();
        (await room.Owner.PostAsync(room.Path + "/agents", new { id = "alice" })).AssertOk(201);

        var minted = (await room.Owner.PostAsync("/tokens", new { room_id = room.Id, agent_id = "alice" })).AssertOk(201);

        Assert.Equal("alice", minted["agent_id"].GetString());
        Assert.Equal("alice", (await room.InvokeAsync("_send_message", new { body = "hi" }, host.Client(minted["token"].GetString()))).AssertOk()["agent"].GetString());
    }

    [Fact]
    public async Task List_Always_HoldsNoSecret()
    {
        var user = await host.UserAsync();
        var minted = (await user.PostAsync("/tokens", new { scope = "rooms:*:read", with_refresh = true })).AssertOk(201);
        (await user.DeleteAsync("/tokens/" + minted["id"].GetString())).AssertOk();

        var listed = (await user.GetAsync("/tokens")).AssertOk();

        Assert.DoesNotContain("tok_", listed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ref_", listed.Text, StringComparison.Ordinal);
        Assert.True(Find(listed, minted["id"].GetString()!).GetProperty("revoked").GetBoolean()); // A minted token has one.
    }

    [Fact]
    public async Task Change_OfScopeAndLabel_HoldsAtOnce()
    {
        var room = await host.RoomAsync();
        var minted = (await room.Owner.PostAsync("/tokens", new { scope = $"rooms:{room.Id}:write" })).AssertOk(201);
        var token = host.Client(minted["token"].GetString());
        (await room.InvokeAsync("_send_message", new { body = "hi" }, token)).AssertOk();

        var changed = (await room.Owner.PatchAsync("/tokens/" + minted["id"].GetString(), new { scope = $"rooms:{room.Id}:read", label = "now a reader" })).AssertOk();

        Assert.Equal($"rooms:{room.Id}:read", changed["scope"].GetString());
        Assert.Equal($"rooms:{room.Id}:write", changed["previous_scope"].GetString());
        Assert.Equal("now a reader", changed["label"].GetString());
        (await room.InvokeAsync("_send_message", new { body = "hi" }, token)).AssertRefusal("read_only_token", 403);
    }

    [Fact]
    public async Task Revoke_OfAToken_KillsItAndItsRefreshToken()
    {
        var user = await host.UserAsync();
        var minted = (await user.PostAsync("/tokens", new { scope = "rooms:*", with_refresh = true })).AssertOk(201);

        var revoked = (await user.DeleteAsync("/tokens/" + minted["id"].GetString())).AssertOk();

        Assert.Equal($$"""{"revoked":true,"id":"{{minted["id"].GetString()}}"}""", revoked.Text);
        (await host.Client(minted["token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        (await RefreshAsync(minted)).AssertRefusal("invalid_token", 401);
        (await user.DeleteAsync("/tokens/" + minted["id"].GetString())).AssertOk();
    }

    [Fact]
    public async Task Revoke_OfOneself_IsAllowed()
    {
        var user = await host.UserAsync("rooms:*:write");
        var id = (await user.GetAsync("/tokens"))["tokens"][0].GetProperty("id").GetString();

        (await user.DeleteAsync("/tokens/" + id)).AssertOk();

        (await user.GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
    }

    [Fact]
    public async Task Refresh_Always_RotatesAndReuseRevokes()
    {
        var user = await host.UserAsync();
        var minted = (await user.PostAsync("/tokens", new { scope = "rooms:*", with_refresh = true })).AssertOk(201);

        var refreshed = (await RefreshAsync(minted)).AssertOk();

        Assert.Equal(["access_token", "expires_in", "refresh_token", "scope", "token_type"], refreshed.Json.EnumerateObject().Select(field => field.Name).Order());
        (await host.Client(minted["token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        (await host.Client(refreshed["access_token"].GetString()).GetAsync("/rooms")).AssertOk();
        var again = (await RefreshAsync(minted)).AssertOk();
        Assert.Equal((refreshed["access_token"].GetString(), refreshed["refresh_token"].GetString()), (again["access_token"].GetString(), again["refresh_token"].GetString()));
        var next = (await RefreshAsync(refreshed)).AssertOk();
        (await RefreshAsync(minted)).AssertRefusal("invalid_token", 401);
        (await host.Client(next["access_token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        (await RefreshAsync(next)).AssertRefusal("invalid_token", 401);
    }

    [Theory]
    [InlineData("rooms:ROOM:read")]
    [InlineData("rooms:*:read")]
    [InlineData("rooms:ROOM:read rooms:ROOM:view:x")]
    public async Task Token_ThatOnlyReads_MintsListsAndRevokesNothing(string held)
    {
        var room = await host.RoomAsync();
        var minted = (await room.Owner.PostAsync("/tokens", new { scope = held.Replace("ROOM", room.Id, StringComparison.Ordinal) })).AssertOk(201);
        var client = host.Client(minted["token"].GetString());

        (await client.PostAsync("/tokens", new { scope = minted["scope"].GetString() })).AssertRefusal("read_only_token", 403);
        (await client.GetAsync("/tokens")).AssertRefusal("read_only_token", 403);
        (await client.PatchAsync("/tokens/" + minted["id"].GetString(), new { label = "x" })).AssertRefusal("read_only_token", 403);
        (await client.DeleteAsync("/tokens/" + minted["id"].GetString())).AssertRefusal("read_only_token", 403);
        (await client.GetAsync("/rooms")).AssertOk();
    }

    [Theory]
    [InlineData("create_rooms rooms:ROOM:read", "rooms:ROOM:write", "scope_exceeds_token")]
    [InlineData("create_rooms rooms:ROOM:read", "rooms:ROOM", "scope_exceeds_token")]
    [InlineData("create_rooms rooms:ROOM:read", "rooms:*:read", "scope_exceeds_token")]
    [InlineData("create_rooms rooms:ROOM:read", "rooms:OTHER:read", "scope_exceeds_token")]
    [InlineData("create_rooms rooms:ROOM:read", "rooms:ROOM:agent:alice", "scope_exceeds_token")]
    [InlineData("rooms:ROOM:write", "rooms:ROOM:agent:alice", "scope_exceeds_token")]
    [InlineData("rooms:ROOM:write", "rooms:ROOM:admin", "scope_exceeds_token")]
    [InlineData("rooms:ROOM:agent:alice", "rooms:ROOM:agent:bob", "scope_exceeds_token")]
    [InlineData("rooms:ROOM:agent:alice", "rooms:ROOM:write", "scope_exceeds_token")]
    [InlineData("rooms:ROOM:agent:alice", "rooms:ROOM:read", "scope_exceeds_token")]
    [InlineData("rooms:*:write", "rooms:*", "scope_exceeds_token")]
    [InlineData("rooms:*:write", "rooms:ROOM", "scope_exceeds_token")]
    [InlineData("rooms:*", "rooms:* create_rooms", "scope_exceeds_token")]
    [InlineData("create_rooms", "rooms:*:read", "scope_exceeds_token")]
    [InlineData("rooms:* create_rooms", "rooms:OTHER:read", "scope_exceeds_access")]
    [InlineData("rooms:* create_rooms", "rooms:no-such-room", "scope_exceeds_access")]
    public async Task Token_AskingForMore_IsRefusedEveryWay(string held, string wanted, string error)
    {
        var room = await host.RoomAsync();
        var other = await host.RoomAsync();
        string Fill(string scope) => scope.Replace("ROOM", room.Id, StringComparison.Ordinal).Replace("OTHER", other.Id, StringComparison.Ordinal);
        var token = (await room.Owner.PostAsync("/tokens", new { scope = Fill(held), with_refresh = true })).AssertOk(201);
        var client = host.Client(token["token"].GetString());

        (await client.PostAsync("/tokens", new { scope = Fill(wanted) })).AssertRefusal(error, 403);
        (await client.PatchAsync("/tokens/" + token["id"].GetString(), new { scope = Fill(wanted) })).AssertRefusal(error, 403);
        if (error == "scope_exceeds_token")
        {
            // What the token holds and its user does not is no more than before.
            (await host.Client().PostAsync("/tokens/refresh", new { refresh_token = token["refresh_token"].GetString(), scope = Fill(wanted) })).AssertRefusal(error, 403);
        }

        Assert.Equal(Fill(held).Split(' ').Order(), Find(await room.Owner.GetAsync("/tokens"), token["id"].GetString()!).GetProperty("scope").GetString()!.Split(' ').Order()); // A listed token has both.
    }

    [Fact]
    public async Task Token_OfAParticipant_CannotMintWhatTheRoleDoesNotHold()
    {
        var room = await host.RoomAsync();
        var participant = await room.MemberAsync("participant");

        (await participant.PostAsync("/tokens", new { scope = $"rooms:{room.Id}" })).AssertRefusal("scope_exceeds_access", 403);
        (await participant.PostAsync("/tokens", new { scope = $"rooms:{room.Id}:write" })).AssertOk(201);
    }

    [Fact]
    public async Task Token_OfAnotherUser_DoesNotExist()
    {
        var user = await host.UserAsync();
        var stranger = await host.UserAsync();
        var id = (await user.PostAsync("/tokens", new { scope = "rooms:*:read" })).AssertOk(201)["id"].GetString();

        (await stranger.PatchAsync("/tokens/" + id, new { label = "mine" })).AssertRefusal("token_not_found", 404);
        (await stranger.DeleteAsync("/tokens/" + id)).AssertRefusal("token_not_found", 404);
        Assert.DoesNotContain(id!, (await stranger.GetAsync("/tokens")).Text, StringComparison.Ordinal); // A minted token has one.
    }

    [Fact]
    public async Task Token_OfMore_IsBeyondANarrowOne()
    {
        var user = await host.UserAsync();
        var wide = (await user.PostAsync("/tokens", new { scope = "rooms:*" })).AssertOk(201);
        var narrow = host.Client((await user.PostAsync("/tokens", new { scope = "rooms:*:read" })).AssertOk(201)["token"].GetString());

        Assert.Equal(403, (await narrow.DeleteAsync("/tokens/" + wide["id"].GetString())).Status);
        Assert.Equal(403, (await narrow.PatchAsync("/tokens/" + wide["id"].GetString(), new { label = "x" })).Status);
        Assert.DoesNotContain(wide["id"].GetString()!, (await narrow.GetAsync("/tokens")).Text, StringComparison.Ordinal); // As above.
    }

    [Fact]
    public async Task Tokens_OfARoom_HaveNoUserToMintFor()
    {
        var room = await host.RoomAsync();
        var agent = await room.JoinAsync("alice");
        foreach (var client in (ApiClient[])[host.Client(room.RoomToken), host.Client(room.ViewToken), agent])
        {
            (await client.PostAsync("/tokens", new { scope = $"rooms:{room.Id}:read" })).AssertRefusal("identity_mismatch", 403);
            (await client.GetAsync("/tokens")).AssertRefusal("identity_mismatch", 403);
            (await client.PatchAsync("/tokens/t_x", new { label = "x" })).AssertRefusal("identity_mismatch", 403);
            (await client.DeleteAsync("/tokens/t_x")).AssertRefusal("identity_mismatch", 403);
        }
    }

    [Theory]
    [InlineData("""{"scope":""}""", "invalid_parameter")]
    [InlineData("""{"scope":"everything"}""", "invalid_scope")]
    [InlineData("""{"scope":["rooms:*"]}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","label":7}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":0}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":-1}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":1.5}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":1e300}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":99999999999}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","expires_in":"soon"}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","with_refresh":"yes"}""", "invalid_parameter")]
    [InlineData("""{"scope":"rooms:*","admin":true}""", "unknown_field")]
    [InlineData("""[]""", "invalid_json")]
    [InlineData("""{""", "invalid_json")]
    public async Task Mint_OfNonsense_IsRefused(string body, string error)
    {
        var user = await host.UserAsync();

        (await user.PostRawAsync("/tokens", Encoding.UTF8.GetBytes(body))).AssertRefusal(error, 400);
    }

    [Theory]
    [InlineData("""{}""", "missing_param", 400)]
    [InlineData("""{"refresh_token":null}""", "missing_param", 400)]
    [InlineData("""{"refresh_token":7}""", "invalid_parameter", 400)]
    [InlineData("""{"refresh_token":""}""", "missing_param", 400)]
    [InlineData("""{"refresh_token":"ref_invented"}""", "invalid_token", 401)]
    [InlineData("""{"refresh_token":"ref_\u0000\ud800"}""", "invalid_json", 400)]
    public async Task Refresh_OfNonsense_IsRefused(string body, string error, int status) =>
        (await host.Client().PostRawAsync("/tokens/refresh", Encoding.UTF8.GetBytes(body))).AssertRefusal(error, status);

    [Theory]
    [InlineData("refresh")]
    [InlineData("a%2Fb")]
    [InlineData("ü")]
    public async Task Token_OfAnOddId_DoesNotExist(string id)
    {
        var user = await host.UserAsync();

        (await user.DeleteAsync("/tokens/" + id)).AssertRefusal("token_not_found", 404);
    }

    private Task<ApiReply> RefreshAsync(ApiReply token) => host.Client().PostAsync("/tokens/refresh", new { refresh_token = token["refresh_token"].GetString() });

    private static JsonElement Find(ApiReply list, string id) => list.AssertOk()["tokens"].EnumerateArray().Single(token => token.GetProperty("id").GetString() == id);
}
