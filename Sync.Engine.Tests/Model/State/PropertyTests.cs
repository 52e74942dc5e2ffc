using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Commands;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Model.State;

/// <summary>Random commands against <see cref="RoomModel"/>. A failure prints the commands and the seed; CsCheck_Seed repeats it.</summary>
public sealed class PropertyTests
{
    [Fact]
    public async Task Room_RandomCommands_HoldsWhatTheModelHolds()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        var runs = 0;
        await ModelCommand.Gen.Array[60, 160].SampleAsync(
            commands => RunAsync(host, $"room-{Interlocked.Increment(ref runs)}", commands),
            iter: 24,
            threads: 1,
            print: static commands => string.Join('\n', commands.Select(c => c.ToString())));
    }

    private static async Task RunAsync(EngineHost host, string room, ModelCommand[] commands)
    {
        await host.RoomAsync(room);
        var callers = new Dictionary<string, (Caller Caller, string? Secret)> { ["olga"] = (host.Owner, null) };
        var model = new RoomModel { Now = host.Time.GetUtcNow() };
        for (var i = 0; i < commands.Length; i++)
        {
            await StepAsync(host, room, model, callers, commands[i]);
            if (i == commands.Length / 2)
            {
                await CheckAsync(host, room, model);
                await RestartAsync(host, callers);
            }
        }

        await CheckAsync(host, room, model);
        await CheckReplayAsync(host, room);
    }

    private static async Task RestartAsync(EngineHost host, Dictionary<string, (Caller Caller, string? Secret)> callers)
    {
        await host.RestartAsync();
        foreach (var (agent, (_, secret)) in callers.ToList())
        {
            callers[agent] = (secret is null ? host.Owner : await host.CallerAsync(secret), secret);
        }
    }

    private static async Task StepAsync(EngineHost host, string room, RoomModel model, Dictionary<string, (Caller Caller, string? Secret)> callers, ModelCommand command)
    {
        var agent = ModelCommand.Agents[command.Agent];
        if (command.Kind == RoomCommandKind.Advance)
        {
            var by = TimeSpan.FromMilliseconds(command.Choice * 20);
            await host.AdvanceAsync(room, by);
            model.Now += by;
            return;
        }

        if (!callers.ContainsKey(agent) || (command.Kind == RoomCommandKind.Join && agent != "olga"))
        {
            await JoinAsync(host, room, callers, agent);
            model.Agents.Add(agent);
            return;
        }

        var before = (await host.LoadedAsync(room)).Published;
        var (action, parameters, expect) = Plan(model, agent, command);
        var outcome = await host.TryInvokeAsync(callers[agent].Caller, room, action, parameters.ToJsonString());
        var answer = outcome.Error is null ? outcome.Value : null;
        var expected = expect(answer);
        if (expected is null)
        {
            model.Agents.Add(agent);
        }

        Assert.True(expected == outcome.Error?.Code.Name, $"{command}\n{action} {parameters.ToJsonString()}\nexpected {expected ?? "success"}, got {outcome.Error?.Code.Name ?? "success"}: {outcome.Error?.Message}");
        if (outcome.Error is not null)
        {
            await host.SettleAsync(room);
            var after = (await host.LoadedAsync(room)).Published;
            Assert.Same(before.Scopes, after.Scopes);
            Assert.Same(before.Uses, after.Uses);
            Assert.Same(before.Messages, after.Messages);
        }
    }

    private static (string Action, JsonObject Parameters, Func<JsonObject?, string?> Expect) Plan(RoomModel model, string agent, ModelCommand command)
    {
        var isOwner = agent == "olga";
        switch (command.Kind)
        {
            case RoomCommandKind.Register:
                var definition = JsonNode.Parse(RoomModel.Templates[command.Template])!.AsObject();
                definition["id"] = command.Action;
                return ("_register_action", definition, _ => model.Register(command.Action, command.Template, agent, isOwner));
            case RoomCommandKind.Delete:
                return ("_delete_action", new JsonObject { ["id"] = command.Action }, _ => model.Delete(command.Action, agent, isOwner));
            case RoomCommandKind.RegisterView:
                var view = $"view-{agent}";
                return ("_register_view", new JsonObject { ["id"] = view, ["expr"] = command.Expression }, _ =>
                {
                    model.Views[view] = command.Expression;
                    return null;
                }
                );
            case RoomCommandKind.Message or RoomCommandKind.Join:
                return ("_send_message", new JsonObject { ["body"] = command.Value }, _ =>
                {
                    model.Messages.Add((agent, command.Value));
                    return null;
                }
                );
            case RoomCommandKind.Unknown:
                return ("nothing", [], _ => "action_not_found");
            default:
                var template = model.Actions.GetValueOrDefault(command.Action)?.Template;
                var parameters = command.Parameters(template, () => model.Stored("_shared", command.Key)?.Version ?? "");
                return (command.Action, parameters, answer => model.Invoke(command.Action, agent, parameters, (scope, key) => VersionIn(answer, scope, key)));
        }
    }

    private static string? VersionIn(JsonObject? answer, string scope, string key) =>
        answer?["writes"]!.AsArray().Last(w => w!["scope"].Text() == scope && w["key"].Text() == key)!["version"]?.Text();

    private static async Task JoinAsync(EngineHost host, string room, Dictionary<string, (Caller Caller, string? Secret)> callers, string agent)
    {
        var caller = callers.TryGetValue(agent, out var known) ? known.Caller : Caller.Anonymous;
        var joined = (await host.Engine.Agents.JoinAsync(caller, room, EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Value;
        var secret = JsonNode.Parse(joined.Json.Span)!["token"].Text();
        callers[agent] = (await host.CallerAsync(secret), secret);
    }

    private static async Task CheckAsync(EngineHost host, string room, RoomModel model)
    {
        var context = await host.ContextAsync(host.Owner, room, "meta=true&depth=usage&messages_limit=500");
        var state = context["state"]!.AsObject();
        foreach (var scope in (string[])["_shared", "_rows", .. ModelCommand.Agents])
        {
            var shown = state[scope]?.AsObject() ?? [];
            Assert.Equal(model.Visible(scope).Select(c => c.Key).Order(StringComparer.Ordinal), shown.Select(c => c.Key).Order(StringComparer.Ordinal));
            foreach (var (key, cell) in model.Visible(scope))
            {
                JsonAssert.Equal(cell.Value?.ToJsonString() ?? "null", shown[key]!["value"], $"{scope}.{key}");
                Assert.Equal(cell.Revision, shown[key]!["revision"].Number());
                Assert.Equal(cell.Version, shown[key]!["version"].Text());
            }
        }

        Assert.Equal(model.Agents.Order(StringComparer.Ordinal), context["agents"].Names());
        Assert.Equal(model.Messages, context["messages"]!["recent"]!.AsArray().Select(m => (m!["from"].Text(), m["body"].Text())));
        foreach (var (view, expression) in model.Views)
        {
            JsonAssert.Equal(RoomModel.Expressions[expression](model)?.ToJsonString() ?? "null", context["views"]![view]!["value"], expression);
        }

        var custom = context["actions"]!.AsObject().Where(a => a.Value!["builtin"] is null).ToList();
        Assert.Equal(model.Actions.Keys.Order(StringComparer.Ordinal), custom.Select(a => a.Key));
        foreach (var (id, action) in custom)
        {
            Assert.Equal(model.Actions[id].Count, action!["invocations"].Number());
            Assert.Equal(model.Actions[id].Registrant, action["registered_by"].Text());
        }
    }

    private static async Task CheckReplayAsync(EngineHost host, string room)
    {
        await host.SettleAsync(room);
        var loaded = await host.LoadedAsync(room);
        var live = loaded.Published;
        var row = loaded.Record.Row;
        var events = (await host.Engine.Database.Rooms.ReadEventsAsync(row, 0, long.MaxValue, 100_000, EngineHost.Cancel)).Rows.Select(RoomEventJson.Read).ToList();
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Seq));
        Assert.Equal(live.Seq, events[^1].Seq);

        var middle = RoomState.Empty;
        var replayed = RoomState.Empty;
        foreach (var e in events)
        {
            replayed = replayed.Apply(e);
            middle = e.Seq == events.Count / 2 ? replayed : middle;
        }

        var fromSnapshot = SnapshotJson.Read(SnapshotJson.Write(middle), RoomLanguage.Standard);
        foreach (var e in events.Skip(events.Count / 2))
        {
            fromSnapshot = fromSnapshot.Apply(e);
        }

        AssertSame(live, replayed);
        AssertSame(live, fromSnapshot);
        AssertSame(live, await host.Engine.Directory.ReadStateAsync(row, long.MaxValue, EngineHost.Cancel));
        await CheckReplicaAsync(host, loaded, middle, events);
        await host.Engine.Database.Rooms.SaveSnapshotAsync(row, middle.Seq, SnapshotJson.Write(middle), EngineHost.Cancel);
        AssertSame(live, await host.Engine.Directory.ReadStateAsync(row, long.MaxValue, EngineHost.Cancel));
    }

    /// <summary>A replica that begins at a snapshot and follows the events after it, however they come, is where the writer's is; and those who hang on it have been told of each.</summary>
    private static async Task CheckReplicaAsync(EngineHost host, RoomReplica written, RoomState middle, List<RoomEvent> events)
    {
        using var scheduler = new EvaluationScheduler(host.Time);
        var services = new RoomServices(scheduler, SteadyClock.Over(host.Time), NullLogger.Instance, host.Engine.Health);
        using var replica = new RoomReplica(written.Record, SnapshotJson.Read(SnapshotJson.Write(middle), RoomLanguage.Standard), new Presence(), written.Limits, services);
        var rest = events.Skip(events.Count / 2).ToList();
        for (var (from, length) = (0, 1); from < rest.Count; (from, length) = (from + length, (length % 7) + 1))
        {
            var version = replica.Feed.Version;
            replica.Follow([.. rest.Skip(from).Take(length).Select(static e => (e, 1))]);
            Assert.NotEqual(version, replica.Feed.Version);
        }

        AssertSame(written.Published, replica.Published);
        Assert.Equal(written.Published.Cursor, replica.Published.Cursor);
        Assert.Equal(rest.TakeLast(20).Select(static e => e.Seq), replica.Feed.Newest(20).Reverse().Select(static e => e.Seq));
        Assert.Equal(ErrorCode.Unavailable, (await replica.Writer.ExecuteAsync(new DrainCommand(), EngineHost.Cancel)).Error?.Code);
    }

    private static void AssertSame(RoomState expected, RoomState actual)
    {
        Assert.Equal(Text(expected), Text(actual));
        Assert.Equal(expected.EntryCount, actual.EntryCount);
        Assert.Equal(expected.ConditionalCount, actual.ConditionalCount);
        Assert.Equal(expected.Agents.Keys, actual.Agents.Keys);
        Assert.Equal(expected.Views.Keys, actual.Views.Keys);
        Assert.Equal(expected.Actions.Keys, actual.Actions.Keys);
        Assert.Equal(expected.Targets.Contested.Select(c => c.Target), actual.Targets.Contested.Select(c => c.Target));
        Assert.Equal(expected.Timers.Due(Clocks.Start, Clocks.End), actual.Timers.Due(Clocks.Start, Clocks.End));
    }

    private static string Text(RoomState state)
    {
        // A snapshot holds the versions that somebody has asked for: here, all.
        foreach (var entry in state.Scopes.Values.SelectMany(scope => scope.Entries.Values))
        {
            Assert.NotEmpty(entry.Version);
        }

        return System.Text.Encoding.UTF8.GetString(SnapshotJson.Write(state));
    }
}
