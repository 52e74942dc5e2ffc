using Sync.Engine.Primitives.Access;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Rooms that begin with a pack.</summary>
public sealed class TemplateTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Create_WithATemplate_IsOneEventOfItsOwner()
    {
        await using var host = await EngineHost.StartAsync();

        var created = (await host.Engine.Rooms.CreateAsync(host.Owner, Request("r", "\"task_queue\""), Cancel)).Value;

        Assert.Equal("task_queue", created.Template!.Name);
        var state = (await host.LoadedAsync("r")).Published;
        Assert.Equal(1, state.Seq);
        Assert.NotEmpty(state.Actions);
        Assert.All(state.Actions.Values, static action => Assert.Equal("olga", action.Registrant));
        Assert.Equal("olga", Assert.Single(state.Agents).Key);
        await host.RestartAsync();
        Assert.Equal(state.Actions.Keys, (await host.LoadedAsync("r")).Published.Actions.Keys);
        Assert.NotNull(await host.StoredAsync("r", "_packs", "task_queue"));
    }

    [Theory]
    [InlineData("\"task_que\"", "pack_not_found")]
    [InlineData("""{"name":"p"}""", "invalid_pack")]
    [InlineData("""{"name":"p","version":"1","actions":[{"id":"a","if":"1 +"}]}""", "invalid_cel")]
    [InlineData("""{"name":"p","version":"1","actions":[{"id":"a","writes":[{"scope":"_messages","key":"k","value":1}]}]}""", "scope_denied")]
    public async Task Create_WithABadTemplate_LeavesNoRoom(string template, string code)
    {
        await using var host = await EngineHost.StartAsync();

        var refused = (await host.Engine.Rooms.CreateAsync(host.Owner, Request("r", template), Cancel)).Error!;

        Assert.Equal(code, refused.Code.Name);
        Assert.Equal("room_not_found", (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Error!.Code.Name);
        Assert.Equal(0, host.Engine.Rooms.Page(host.Owner, after: null, 10).Value.Total);
        Assert.Null((await host.Engine.Rooms.CreateAsync(host.Owner, Request("r", "\"vote\""), Cancel)).Error);
    }

    [Fact]
    public async Task CreateOrFind_OfARoomThatIsThere_InstallsNothingAndSaysHow()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var found = (await host.Engine.Rooms.CreateOrFindAsync(host.Owner, Request("r", "\"vote\""), Cancel)).Value;

        Assert.False(found.IsNew);
        Assert.Equal("""invoke {"room":"r","action":"_install_pack","params":{"pack":"vote"}}""", found.ToInstall!.ToString());
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
    }

    [Fact]
    public async Task Create_WithATemplate_NeedsWhatCreatingNeeds()
    {
        await using var host = await EngineHost.StartAsync();
        var caller = await host.UserAsync("nora", "rooms:*");

        Assert.Equal("scope_denied", (await host.Engine.Rooms.CreateAsync(caller, Request("r", "\"vote\""), Cancel)).Error!.Code.Name);
    }

    private static CreateRoom Request(string id, string template) => new(id, Name: null, Join: null) { Template = EngineHost.Json(template) };
}
