using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Reads.Context;

/// <summary>What each kind of reader sees of private state, through every door that reads.</summary>
public sealed class VisibilityTests
{
    private const string Secret = "dear diary";

    [Fact]
    public async Task Private_State_IsShownToItsReadersOnly()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", $$""","state":{"diary":"{{Secret}}"}""");
        var bob = await host.JoinAsync("r", "bob");
        var granted = await host.JoinAsync("r", "gina");
        await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":["gina"]}"""), EngineHost.Cancel);
        await host.RegisterAsync(alice, "r", """{"id":"note","params":{"v":{}},"writes":[{"scope":"self","key":"diary","value":"${params.v}"}]}""");
        await host.InvokeAsync(alice, "r", "note", $$"""{"v":"{{Secret}}"}""");
        await host.RefusedAsync(alice, "r", "note", $$"""{"v":"{{Secret}}","w":1}""");
        await host.SettleAsync("r");
        var participant = await host.UserAsync("pat", "rooms:*");
        await host.GiveRoleAsync("r", "pat", Role.Participant);
        var observer = await host.UserAsync("otto", "rooms:*");
        await host.GiveRoleAsync("r", "otto", Role.Observer);
        var privateLink = (await host.Engine.RoomTokens.MintAsync(host.Owner, "r", new MintRoomToken { Kind = RoomTokenKind.View, SeesPrivate = true }, EngineHost.Cancel)).Value;
        (string Name, Caller Reader, bool Sees)[] table =
        [
            ("itself", alice, true),
            ("granted", granted, true),
            ("owner", host.Owner, true),
            ("room token", await host.CallerAsync(created.RoomToken), true),
            ("view token", await host.CallerAsync(created.ViewToken), false),
            ("view token made to show private scopes", await host.CallerAsync(privateLink.Secret), true),
            ("another agent", bob, false),
            ("participant", participant, false),
            ("observer", observer, false),
        ];
        foreach (var (name, reader, sees) in table)
        {
            foreach (var (door, text) in await ReadAsync(host, reader))
            {
                Assert.True(sees == text.Contains(Secret, StringComparison.Ordinal), $"{name} through {door}: {text}");
            }
        }
    }

    [Fact]
    public async Task History_OfAPrivateKey_IsRefusedToOthers()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"diary":1}""");
        var bob = await host.JoinAsync("r", "bob");

        Assert.Equal("scope_denied", (await host.Engine.History.KeyAsync(bob, "r", "alice", "diary", null, 10, EngineHost.Cancel)).Error!.Code.Name);
        var own = EngineHost.Node((await host.Engine.History.KeyAsync(alice, "r", "self", "diary", null, 10, EngineHost.Cancel)).Value);
        Assert.Equal(("alice", 1), (own["scope"].Text(), own["history"]!.AsArray().Count));
    }

    [Fact]
    public async Task Self_InState_IsTheReadersOwn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"a":1}""");
        var bob = await host.JoinAsync("r", "bob", ""","state":{"b":1}""");

        JsonAssert.Equal("""{"_shared":{},"self":{"a":1}}""", (await host.ContextAsync(alice, "r"))["state"]);
        JsonAssert.Equal("""{"_shared":{},"self":{"b":1}}""", (await host.ContextAsync(bob, "r"))["state"]);
        JsonAssert.Equal("""{"_shared":{},"alice":{"a":1},"bob":{"b":1}}""", (await host.ContextAsync(host.Owner, "r"))["state"]);
        Assert.Equal("alice", (await host.ContextAsync(alice, "r"))["self"].Text());
        Assert.Null((await host.ContextAsync(host.Owner, "r"))["self"]);
    }

    private static async Task<List<(string Door, string Text)>> ReadAsync(EngineHost host, Caller reader)
    {
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        var answers = new List<(string, string)>
        {
            ("context", (await host.ContextAsync(reader, "r", "include=_audit,activity,_messages&peek=true")).ToJsonString()),
            ("at", (await host.ContextAsync(reader, "r", $"at={seq - 1}")).ToJsonString()),
            ("since", (await host.ContextAsync(reader, "r", "since=0&meta=true")).ToJsonString()),
            ("poll", Text(await host.Engine.Context.PollAsync(reader, "r", MessageSelection.All, 100, 100, EngineHost.Cancel))),
            ("eval", Text(await host.Engine.Context.EvalAsync(reader, "r", "[state, state.alice]", EngineHost.Cancel))),
            ("replay", Text(await host.Engine.History.ReplayAsync(reader, "r", seq, EngineHost.Cancel))),
            ("audit", Text(await host.Engine.History.AuditAsync(reader, "r", new AuditQuery(0, 100, null, null, null), EngineHost.Cancel))),
            ("wait", (await host.WaitAsync(reader, "r", "true")).ToJsonString()),
        };
        var events = new List<string>();
        await foreach (var e in (await host.Engine.Live.EventsAsync(reader, "r", 0, parameter: "since", EngineHost.Cancel)).Value)
        {
            events.Add(System.Text.Encoding.UTF8.GetString(e.Json.Span));
            if (e.Seq == seq)
            {
                break;
            }
        }

        answers.Add(("events", string.Join('\n', events)));
        using var watch = (await host.Engine.Live.WatchAsync(reader, "r", EngineHost.Cancel)).Value;
        answers.Add(("page model", string.Join('\n', watch.Current.Entries) + string.Join('\n', watch.Current.Activity)));
        return answers;
    }

    private static string Text(Outcome<ReadOnlyMemory<byte>> outcome) =>
        outcome.Error is { } error ? $"{error.Code}: {error.Message} {error.Details} {error.HintFor(PlainSteps.Instance)}" : System.Text.Encoding.UTF8.GetString(outcome.Value.Span);
}
