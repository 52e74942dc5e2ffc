using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Rooms whose id is made of their name.</summary>
public sealed class RoomNameTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("Release planning", "release-planning")]
    [InlineData("  Größe & Änderung: été  ", "grosse-anderung-ete")]
    [InlineData("v1.2", "v1.2")]
    [InlineData("Q&A", "q-a")]
    [InlineData("a/b\\c", "a-b-c")]
    public async Task Create_ByName_HasItsSlug(string name, string id)
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Equal(id, host.Engine.Rooms.FreeIdOf(name));
        Assert.Equal(id, await MakeAsync(host, name));
        Assert.Equal($"{id}-2", host.Engine.Rooms.FreeIdOf(name));
        Assert.Equal($"{id}-2", await MakeAsync(host, name));
    }

    [Theory]
    [InlineData("Проект")]
    [InlineData("🚀")]
    [InlineData("..")]
    [InlineData(null)]
    public async Task Create_ByANameWithoutAnId_IsGenerated(string? name)
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Null(host.Engine.Rooms.FreeIdOf(name));
        Assert.StartsWith("room-", await MakeAsync(host, name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ByTheLongestName_FitsWithItsNumber()
    {
        await using var host = await EngineHost.StartAsync();
        var name = new string('x', 200);

        var first = await MakeAsync(host, name);
        var second = await MakeAsync(host, name);

        Assert.Equal(64, first.Length);
        Assert.Equal((64, "-2"), (second.Length, second[^2..]));
    }

    [Fact]
    public async Task Create_WithAnIdOrWithoutAskingForIt_IsAsBefore()
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Equal("own", (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("own", "Named", JoinPolicy.Open) { IdFromName = true }, Cancel)).Value.Info.Id);
        Assert.StartsWith("room-", (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom(null, "Named", JoinPolicy.Open), Cancel)).Value.Info.Id, StringComparison.Ordinal);
    }

    private static async Task<string> MakeAsync(EngineHost host, string? name) =>
        (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom(Id: null, name, JoinPolicy.Open) { IdFromName = true }, Cancel)).Value.Info.Id;
}
