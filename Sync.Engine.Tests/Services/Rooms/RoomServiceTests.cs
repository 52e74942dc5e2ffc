using Microsoft.Data.Sqlite;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Rooms;

public sealed class RoomServiceTests
{
    [Fact]
    public async Task Create_MakesTheUserOwnerAndWidensItsTokenOnly()
    {
        await using var host = await EngineHost.StartAsync();
        var creator = await host.UserAsync("carl", "create_rooms");
        var second = await host.UserAsync("carl", "create_rooms");

        var created = (await host.Engine.Rooms.CreateAsync(creator, new CreateRoom("mine", "Mine", JoinPolicy.Members), EngineHost.Cancel)).Value;

        Assert.Equal(("mine", "Mine", JoinPolicy.Members, Role.Owner, AccessLevel.Admin), (created.Info.Id, created.Info.Name, created.Info.Join, created.Info.Role, created.Info.Access));
        Assert.Equal("create_rooms rooms:mine", host.Engine.IdentityCache.ScopeOf(creator).Text);
        Assert.Equal("create_rooms", host.Engine.IdentityCache.ScopeOf(second).Text);
        Assert.Null((await host.Engine.Rooms.GetAsync(creator, "mine", EngineHost.Cancel)).Error);
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(second, "mine", EngineHost.Cancel)).Error!.Code.Name);
        Assert.StartsWith("room_", created.RoomToken, StringComparison.Ordinal);
        Assert.StartsWith("view_", created.ViewToken, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "invalid_id")]
    [InlineData("a b", "invalid_id")]
    [InlineData("..", "invalid_id")]
    [InlineData("a/b", "invalid_id")]
    [InlineData("ünder", "invalid_id")]
    [InlineData("taken", "room_exists")]
    public async Task Create_ABadId_IsRefused(string id, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("taken");

        Assert.Equal(code, (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom(id, null, null), EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Create_WithoutTheScope_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        var caller = await host.UserAsync("carl", "rooms:*");
        var legacy = await host.CallerAsync((await host.RoomAsync("r")).RoomToken);

        Assert.Equal("scope_denied", (await host.Engine.Rooms.CreateAsync(caller, new CreateRoom("x", null, null), EngineHost.Cancel)).Error!.Code.Name);
        Assert.Equal("scope_denied", (await host.Engine.Rooms.CreateAsync(legacy, new CreateRoom("x", null, null), EngineHost.Cancel)).Error!.Code.Name);
        Assert.Equal("authentication_required", (await host.Engine.Rooms.CreateAsync(Caller.Anonymous, new CreateRoom("x", null, null), EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Create_ManyOfOneId_MakesOne()
    {
        await using var host = await EngineHost.StartAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("r", null, null), EngineHost.Cancel)));

        Assert.Single(outcomes, o => o.Error is null);
        Assert.All(outcomes.Where(o => o.Error is not null), o => Assert.Equal("room_exists", o.Error!.Code.Name));
    }

    [Fact]
    public async Task Create_WithoutAnId_MakesOne() =>
        Assert.StartsWith("room-", await WithAsync(async host => (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom(null, null, null), EngineHost.Cancel)).Value.Info.Id), StringComparison.Ordinal);

    [Fact]
    public async Task Join_Policy_DecidesWhetherATokenIsNeeded()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(null, JoinPolicy.Members), EngineHost.Cancel);

        Assert.Equal("authentication_required", (await JoinAsync(Caller.Anonymous)).Error!.Code.Name);
        Assert.Equal("scope_denied", (await JoinAsync(await host.UserAsync("stan", "rooms:*"))).Error!.Code.Name);
        Assert.Null((await JoinAsync(host.Owner)).Error);
        await host.RestartAsync();
        Assert.Equal("authentication_required", (await JoinAsync(Caller.Anonymous)).Error!.Code.Name);
        await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(null, JoinPolicy.Open), EngineHost.Cancel);
        Assert.Null((await JoinAsync(Caller.Anonymous)).Error);

        Task<Outcome<AgentJoined>> JoinAsync(Caller caller) => host.Engine.Agents.JoinAsync(caller, "r", default, EngineHost.Cancel);
    }

    [Fact]
    public async Task Rejoin_NeedsTheAgentsAuthorityAndKeepsWhatItHas()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","name":"Alice","state":{"a":1}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"x"}""");
        await host.ContextAsync(alice, "r");

        Assert.Equal("agent_exists", (await RejoinAsync(Caller.Anonymous)).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await RejoinAsync(bob)).Error!.Code.Name);
        var again = (await RejoinAsync(alice)).Value;
        Assert.True(again.Rejoined);
        Assert.Equal("Alice", EngineHost.Node(again.Json)["name"].Text());
        Assert.True((await RejoinAsync(host.Owner)).Value.Rejoined);
        var context = await host.ContextAsync(alice, "r", "peek=true");
        JsonAssert.Equal("""{"a":1}""", context["state"]!["self"]);
        Assert.Equal(0, context["messages"]!["unread"].Number());

        Task<Outcome<AgentJoined>> RejoinAsync(Caller caller) => host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json("""{"id":"alice"}"""), EngineHost.Cancel);
    }

    [Theory]
    [InlineData("""{"id":"_x"}""", "invalid_id")]
    [InlineData("""{"id":"self"}""", "invalid_id")]
    [InlineData("""{"id":"a b"}""", "invalid_id")]
    [InlineData("""{"id":5}""", "invalid_parameter")]
    [InlineData("""{"nmae":"x"}""", "unknown_field")]
    [InlineData("""{"state":[]}""", "invalid_parameter")]
    [InlineData("""{"state":{"":1}}""", "invalid_id")]
    [InlineData("""{"public_keys":["x"]}""", "invalid_parameter")]
    [InlineData("""{"views":[{"id":"v"}]}""", "missing_param")]
    [InlineData("""{"views":[{"id":"v","expr":"1","scope":"_shared"}]}""", "scope_denied")]
    [InlineData("""{"enabled":"1 +"}""", "invalid_cel")]
    [InlineData("[]", "invalid_parameter")]
    public async Task Join_ABadBody_IsRefused(string body, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json(body), EngineHost.Cancel)).Error!.Code.Name);
        Assert.Empty((await host.LoadedAsync("r")).Published.Agents);
    }

    [Fact]
    public async Task Join_WithAUsersToken_MakesTheTokenThatAgent()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var pat = await host.UserAsync("pat", "rooms:*");
        await host.GiveRoleAsync("r", "pat", Role.Participant);
        Assert.Equal("pat", (await host.InvokeAsync(pat, "r", "_send_message", """{"body":"x"}"""))["agent"].Text());

        await host.Engine.Agents.JoinAsync(pat, "r", EngineHost.Json("""{"id":"scout"}"""), EngineHost.Cancel);

        Assert.Equal("scout", (await host.InvokeAsync(pat, "r", "_send_message", """{"body":"x"}"""))["agent"].Text());
    }

    [Fact]
    public async Task Claim_TakesAnOrphanAndNothingElse()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        var system = Caller.System("test");
        var orphan = (await host.Engine.Rooms.CreateAsync(system, new CreateRoom("served", null, null), EngineHost.Cancel)).Value;
        var carl = await host.UserAsync("carl", "rooms:*");

        Assert.Equal("already_owned", (await ClaimAsync(carl, "r", null)).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "r", created.ViewToken)).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "r", orphan.RoomToken)).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "r", "room_nonsense")).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "served", null)).Error!.Code.Name);
        Assert.Equal("room_not_found", (await ClaimAsync(carl, "none", null)).Error!.Code.Name);
        Assert.Equal("authentication_required", (await ClaimAsync(Caller.Anonymous, "r", created.RoomToken)).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await ClaimAsync(await host.CallerAsync(created.RoomToken), "r", created.RoomToken)).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "r", created.RoomToken)).Error!.Code.Name);
        Assert.Equal("already_owned", (await ClaimAsync(carl, "served", created.RoomToken)).Error!.Code.Name);
        Assert.Equal(Role.Owner, (await ClaimAsync(carl, "served", orphan.RoomToken)).Value.Role);
        Assert.Equal(AccessLevel.Admin, (await host.Engine.Rooms.GetAsync(carl, "served", EngineHost.Cancel)).Value.Access);
        Assert.Equal("already_owned", (await ClaimAsync(host.Owner, "served", orphan.RoomToken)).Error!.Code.Name);

        Task<Outcome<MemberInvited>> ClaimAsync(Caller caller, string room, string? token) => host.Engine.Rooms.ClaimAsync(caller, room, token, EngineHost.Cancel);
    }

    [Fact]
    public async Task Delete_WhoeverAskedHangsUp_IsFinishedAllTheSame()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        using var writing = new ManualResetEventSlim();
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(EngineHost.Cancel);
        await host.LoadedAsync("r");
        var holding = host.Engine.Database.ExecuteAsync(
            _ =>
            {
                writing.Wait(EngineHost.Cancel);
                return true;
            },
            EngineHost.Cancel);

        var deleting = host.Engine.Rooms.DeleteAsync(host.Owner, "r", connection.Token);
        await EngineHost.UntilAsync(() => !host.Engine.Directory.TryFind("r", out _));
        await connection.CancelAsync();
        writing.Set();
        await holding;

        Assert.Equal("r", (await deleting).Value);
        Assert.NotNull((await host.Engine.Access.AuthenticateAsync(created.RoomToken, EngineHost.Cancel)).Error);
        await host.RestartAsync();
        Assert.Equal("room_not_found", (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Patch_OfNameAndPolicyAtOnce_KeepsBoth()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        for (var round = 0; round < 20; round++)
        {
            var name = $"Round {round}";
            var join = round % 2 == 0 ? JoinPolicy.Members : JoinPolicy.Open;

            await Task.WhenAll(
                Task.Run(() => host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(name, Join: null), EngineHost.Cancel), EngineHost.Cancel),
                Task.Run(() => host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(Name: null, join), EngineHost.Cancel), EngineHost.Cancel));

            var info = (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Value;
            Assert.Equal((name, join), (info.Name, info.Join));
        }
    }

    [Fact]
    public async Task Delete_LeavesNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("stays");
        var created = await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"act","writes":[{"key":"k","value":"needle-in-the-log"},{"key":"gone","delete":true}]}""");
        await host.InvokeAsync(alice, "r", "act", requestId: "one");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"x"}""");
        await host.ContextAsync(alice, "r");
        var loaded = await host.LoadedAsync("r");
        var row = loaded.Record.Row;
        await host.Engine.Database.Rooms.SaveSnapshotAsync(row, loaded.Published.Seq, Sync.Engine.Model.State.SnapshotJson.Write(loaded.Published), EngineHost.Cancel);

        Assert.Equal("r", (await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel)).Value);

        Assert.Equal("room_not_found", (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Error!.Code.Name);
        Assert.NotNull((await host.Engine.Access.AuthenticateAsync(created.RoomToken, EngineHost.Cancel)).Error);
        Assert.NotNull((await host.Engine.Context.ReadAsync(alice, "r", ContextShape.Default, EngineHost.Cancel)).Error);
        await host.RestartAsync();
        await using var connection = new SqliteConnection($"Data Source={System.IO.Directory.GetFiles(host.Directory, "*.db").Single()};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(EngineHost.Cancel);
        foreach (var (table, column) in await RoomColumnsAsync(connection))
        {
            Assert.Equal(0L, await ScalarAsync(connection, $"SELECT count(*) FROM \"{table}\" WHERE \"{column}\" = {row}"));
        }

        Assert.NotNull((await host.RoomAsync("r")).Info);
        Assert.Empty((await host.LoadedAsync("r")).Published.Agents);
    }

    private static async Task<List<(string Table, string Column)>> RoomColumnsAsync(SqliteConnection connection)
    {
        var found = new List<(string, string)>();
        var command = connection.CreateCommand();
        command.CommandText = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND ((c.name = 'room' OR c.name LIKE 'room_row') OR (t.name = 'rooms' AND c.name = 'row'))";
        await using var reader = await command.ExecuteReaderAsync(EngineHost.Cancel);
        while (await reader.ReadAsync(EngineHost.Cancel))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        Assert.True(found.Count >= 6, string.Join(' ', found));
        return found;
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names come from the schema, the number from the engine.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(EngineHost.Cancel);
    }

    private static async Task<T> WithAsync<T>(Func<EngineHost, Task<T>> act)
    {
        await using var host = await EngineHost.StartAsync();
        return await act(host);
    }
}
