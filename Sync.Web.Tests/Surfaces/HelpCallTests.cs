using System.Text.Json;
using Sync.Web.Api;
using Sync.Web.Api.OpenApi;
using Sync.Web.Http.Endpoints;
using Sync.Web.Mcp;
using Sync.Web.Mcp.Tools;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Surfaces;

/// <summary>Help has one source; each surface says its calls in its own words, and they are calls that it has.</summary>
public sealed class HelpCallTests(SyncHost host)
{
    [Fact]
    public async Task Help_OverHttp_NamesCallsThatKnowTheirFields()
    {
        var room = await host.RoomAsync();
        var found = 0;
        foreach (var key in await KeysAsync(room))
        {
            var text = await HelpAsync(room, key);
            Assert.DoesNotContain("sync_", text, StringComparison.Ordinal);
            Assert.DoesNotContain('⟦', text);
            foreach (var (method, call, body) in Calls.InHttp(text))
            {
                found++;
                Assert.True(call == "/rooms" || call.Contains($"/rooms/{room.Id}", StringComparison.Ordinal), call);
                var path = call.Split('?')[0];
                var operation = Assert.Single(ApiTable.All, operation => operation.Method == method && Fits(operation.Pattern.Split('/'), path.Split('/')));
                foreach (var name in call.Split('?').Skip(1).SelectMany(query => query.Split('&')).Select(pair => pair.Split('=')[0]))
                {
                    Assert.Contains(operation.Query, parameter => parameter.Name == name);
                }

                foreach (var field in body is { } given ? given.EnumerateObject().Select(member => member.Name) : [])
                {
                    Assert.Contains(field, Fields(operation));
                }
            }
        }

        Assert.True(found > 20, $"Only {found} calls were found.");
    }

    [Fact]
    public async Task Help_OverMcp_NamesToolsThatKnowTheirArguments()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.
        var found = 0;
        foreach (var key in await KeysAsync(room))
        {
            foreach (var answer in new[] { await mcp.OkAsync("sync_help", new { room = room.Id, key }), await mcp.OkAsync("sync_help", new { key }) })
            {
                var text = Text(answer);
                Assert.Empty(Calls.InHttp(text));
                Assert.DoesNotContain('⟦', text);
                foreach (var (name, arguments) in Calls.InMcp(text))
                {
                    found++;
                    var tool = ToolTable.Find(name);
                    Assert.NotNull(tool);
                    Assert.Empty(arguments.EnumerateObject().Select(member => member.Name).Except(tool.Arguments));
                    Assert.Empty(tool.Required.Except(arguments.EnumerateObject().Select(member => member.Name)));
                }
            }
        }

        Assert.True(found > 40, $"Only {found} calls were found.");
    }

    public static TheoryData<string> Prose => [McpFeature.Instructions, .. ToolTable.All.Select(tool => tool.Description)];

    [Theory]
    [MemberData(nameof(Prose))]
    public void Instructions_NameToolsThatKnowTheirArguments(string text)
    {
        foreach (var (name, arguments) in Calls.ToolsIn(text))
        {
            var tool = ToolTable.Find(name);
            Assert.NotNull(tool);
            Assert.Empty(arguments is { } given ? given.EnumerateObject().Select(member => member.Name).Except(tool.Arguments) : []);
        }
    }

    [Fact]
    public async Task Version_OfASystemText_IsOneForEverySurface()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.

        var overHttp = (await room.InvokeAsync("help", new { key = "guide" })).AssertOk();
        var overMcp = await mcp.OkAsync("sync_help", new { room = room.Id, key = "guide" });

        Assert.Equal(overHttp["version"].GetString(), overMcp.GetProperty("version").GetString());
        Assert.NotEqual(overHttp["content"].GetString(), overMcp.GetProperty("content").GetString());
        await room.RegisterAsync(new { id = "teach", @params = new { version = new { type = "string" } }, writes = new[] { new { scope = "_help", key = "guide", value = "Our own guide.", if_version = "${params.version}" } } });
        Assert.Equal(200, (await room.InvokeAsync("teach", new { version = overMcp.GetProperty("version").GetString() })).Status);
    }

    private static async Task<List<string>> KeysAsync(TestRoom room) =>
        [.. (await room.InvokeAsync("help")).AssertOk()["keys"].EnumerateArray().Select(key => key.GetString()!)]; // Keys are texts.

    private static async Task<string> HelpAsync(TestRoom room, string key) => Text((await room.InvokeAsync("help", new { key })).AssertOk().Json);

    private static string Text(JsonElement help) =>
        help.GetProperty("content") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : help.GetProperty("content").GetRawText(); // It is a text.

    private static bool Fits(string[] pattern, string[] path) =>
        pattern.Length == path.Length && pattern.Zip(path).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));

    private static IEnumerable<string> Fields(ApiEndpoint operation) => ApiSchemas.All()[operation.Body!]!["properties"]!.AsObject().Select(property => property.Key); // An object has them.
}
