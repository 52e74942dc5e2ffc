using Sync.Web.Api;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Surfaces;

namespace Sync.Web.Tests.Api;

/// <summary>What is asked for at a path of another system is answered with the call that does it here.</summary>
public sealed class NearbyCallsTests(SyncHost host)
{
    [Theory]
    [InlineData("GET", "messages", "GET /rooms/ROOM/context?only=messages")]
    [InlineData("POST", "messages", "POST /rooms/ROOM/actions/_send_message/invoke")]
    [InlineData("GET", "state", "GET /rooms/ROOM/context?only=state")]
    [InlineData("GET", "state/_tasks/3", "GET /rooms/ROOM/context?only=state._tasks.3")]
    [InlineData("GET", "state/plan", "GET /rooms/ROOM/context?only=state._shared.plan")]
    [InlineData("PUT", "state/plan", "POST /rooms/ROOM/actions/set/invoke")]
    [InlineData("GET", "views", "GET /rooms/ROOM/context?only=views")]
    [InlineData("GET", "views/tally", "GET /rooms/ROOM/context?only=views.tally")]
    [InlineData("POST", "views", "POST /rooms/ROOM/actions/_register_view/invoke")]
    [InlineData("GET", "actions", "GET /rooms/ROOM/context?only=actions&depth=full")]
    [InlineData("GET", "actions/vote", "GET /rooms/ROOM/context?only=actions.vote&depth=full")]
    [InlineData("POST", "actions", "POST /rooms/ROOM/actions/_register_action/invoke")]
    [InlineData("POST", "actions/vote", "POST /rooms/ROOM/actions/vote/invoke")]
    [InlineData("POST", "vote", "POST /rooms/ROOM/actions/vote/invoke")]
    [InlineData("POST", "invoke", "POST /rooms/ROOM/actions/ACTION/invoke")]
    [InlineData("GET", "agents", "GET /rooms/ROOM/context?only=agents")]
    [InlineData("GET", "agents/ann", "GET /rooms/ROOM/context?only=agents.ann")]
    [InlineData("POST", "join", "POST /rooms/ROOM/agents")]
    [InlineData("POST", "leave", "PATCH /rooms/ROOM/agents/NAME")]
    [InlineData("GET", "log", "GET /rooms/ROOM/audit")]
    [InlineData("GET", "history", "GET /rooms/ROOM/history/_shared/KEY")]
    [InlineData("GET", "history?key=plan", "GET /rooms/ROOM/history/_shared/plan")]
    [InlineData("GET", "history/plan", "GET /rooms/ROOM/history/_shared/plan")]
    [InlineData("GET", "history/a%20b%2Fc", "GET /rooms/ROOM/history/_shared/a%20b%2Fc")]
    [InlineData("GET", "history?key=a%20b", "GET /rooms/ROOM/history/_shared/a%20b")]
    [InlineData("GET", "stream", "GET /rooms/ROOM/events")]
    [InlineData("POST", "cel", "POST /rooms/ROOM/eval")]
    [InlineData("GET", "help", "POST /rooms/ROOM/actions/help/invoke")]
    [InlineData("POST", "members", "POST /rooms/ROOM/invite")]
    public async Task Path_OfAnotherSystemInARoom_IsAnsweredWithTheCall(string method, string path, string call)
    {
        var room = await host.RoomAsync();

        var reply = await room.Owner.SendAsync(new HttpMethod(method), $"{room.Path}/{path}", content: null);

        Assert.Contains(reply.Status, new[] { 400, 404, 405 });
        var hint = reply["hint"].GetString()!; // A refusal has one.
        Assert.Contains(call.Replace("ROOM", room.Id, StringComparison.Ordinal), hint, StringComparison.Ordinal);
        Assert.All(Calls.InHttp(hint), advised => Assert.Contains(ApiTable.All, endpoint => endpoint.Method == advised.Method && Fits(endpoint.Pattern, advised.Path.Split('?')[0])));
    }

    [Theory]
    [InlineData("GET", "api/rooms", "GET /rooms")]
    [InlineData("POST", "v1/rooms/x/agents", "POST /rooms/x/agents")]
    [InlineData("GET", "room/x/context", "GET /rooms/x/context")]
    [InlineData("POST", "login", "POST /auth/device")]
    [InlineData("GET", "context", "GET /rooms/ROOM/context")]
    public async Task Path_OfAnotherSystem_IsAnsweredWithTheCall(string method, string path, string call)
    {
        var reply = await host.Client().SendAsync(new HttpMethod(method), "/" + path, content: null);

        Assert.Equal(404, reply.Status);
        Assert.Contains(call, reply["hint"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("history/_shared/plan")]
    [InlineData("history/_shared/a/b")]
    [InlineData("history/plan")]
    [InlineData("samples/a/b")]
    [InlineData("CONTEXT")]
    public async Task Method_ThatAPathDoesNotTake_IsToldThoseItTakes(string path)
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.SendAsync(HttpMethod.Put, $"{room.Path}/{path}", content: null)).AssertRefusal("not_found", 405);

        Assert.Equal(["GET", "HEAD"], reply["allow"].EnumerateArray().Select(method => method.GetString()));
    }

    [Theory]
    [InlineData("log")]
    [InlineData("histroy/_shared/x")]
    [InlineData("a b%2Fc")]
    public async Task Path_UnknownInARoom_NamesTheRoomsOwnNeighbours(string path)
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.GetAsync($"{room.Path}/{path}")).AssertRefusal("not_found", 404);

        var endpoints = reply["endpoints"].EnumerateArray().Select(endpoint => endpoint.GetString()!).ToList(); // They are texts.
        Assert.NotEmpty(endpoints);
        Assert.All(endpoints, endpoint => Assert.Contains($"/rooms/{room.Id}", endpoint, StringComparison.Ordinal));
        Assert.DoesNotContain(endpoints, endpoint => endpoint.Contains("{room}", StringComparison.Ordinal));
    }

    private static bool Fits(string pattern, string path)
    {
        var (wanted, given) = (pattern.Split('/'), path.Split('/'));
        return wanted.Length <= given.Length && (wanted.Length == given.Length || wanted[^1].StartsWith("{**", StringComparison.Ordinal)) && wanted.Zip(given).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }
}
