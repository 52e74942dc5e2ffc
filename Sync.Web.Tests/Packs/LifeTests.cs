using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Services.Packs;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Packs;

/// <summary>Each pack that is built in lives its whole life in a fresh room, by several agents, over HTTP and over MCP alike: what is done, what is refused, what its views say in between.</summary>
public sealed class LifeTests(SyncHost host)
{
    public static TheoryData<string, bool> Lives
    {
        get
        {
            var lives = new TheoryData<string, bool>();
            foreach (var pack in PackService.BuiltIn)
            {
                lives.Add(pack, false);
                lives.Add(pack, true);
            }

            return lives;
        }
    }

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task Life_OfAPack_GoesAsItSays(string pack, bool overMcp)
    {
        var (agents, steps) = LifeStep.ReadAll(pack);
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(room.OwnerName));
        await InstallAsync(room, mcp, pack, overMcp);
        var clients = new Dictionary<string, ApiClient>();
        var sessions = new Dictionary<string, McpConnection>();
        try
        {
            foreach (var agent in agents)
            {
                if (overMcp)
                {
                    sessions[agent] = await McpConnection.OpenAsync(host, await host.MintAsync(room.OwnerName), client: agent);
                    await sessions[agent].OkAsync("sync_embody", new { room = room.Id, agent });
                }
                else
                {
                    clients[agent] = await room.JoinAsync(agent);
                }
            }

            var approvals = new Dictionary<string, string>();
            for (var number = 0; number < steps.Count; number++)
            {
                var step = steps[number];
                var what = $"{pack}, step {number}: {step.Json.GetRawText()}";
                if (step.Leaving is { } leaving)
                {
                    (await room.Owner.DeleteAsync($"{room.Path}/agents/{leaving}")).AssertOk();
                }
                else if (step.Decision is { } decision)
                {
                    await DecideAsync(room, approvals[step.Approval!], decision, step, what); // A decision has one.
                }
                else
                {
                    var answer = overMcp ? await CallAsync(sessions[step.Agent!], room.Id, step, approvals) : await SendAsync(clients[step.Agent!], room, step, approvals); // Everything else is somebody's.
                    Check(step, answer, approvals, what);
                }

                await CheckPageAsync(room, what);
            }
        }
        finally
        {
            foreach (var session in sessions.Values)
            {
                await session.DisposeAsync();
            }
        }
    }

    private static async Task InstallAsync(TestRoom room, McpConnection mcp, string pack, bool overMcp)
    {
        if (overMcp)
        {
            await mcp.OkAsync("sync_embody", new { room = room.Id });
            await mcp.OkAsync("sync_invoke_action", new { room = room.Id, action = "_install_pack", @params = new { pack } });
        }
        else
        {
            (await room.InvokeAsync("_install_pack", new { pack })).AssertOk();
        }
    }

    private static async Task<JsonElement> SendAsync(ApiClient client, TestRoom room, LifeStep step, Dictionary<string, string> approvals) => step.See is { } expression
        ? (await client.PostAsync(room.Path + "/eval", new { expr = expression })).Json
        : (await client.PostAsync($"{room.Path}/actions/{step.Action}/invoke", new { @params = step.Params(approvals) })).Json;

    private static async Task<JsonElement> CallAsync(McpConnection session, string room, LifeStep step, Dictionary<string, string> approvals)
    {
        var result = step.See is { } expression
            ? await session.CallAsync("sync_eval_cel", new { room, expr = expression })
            : await session.CallAsync("sync_invoke_action", new { room, action = step.Action, @params = step.Params(approvals) });
        return result.StructuredContent!.Value; // A tool of ours has it.
    }

    private static void Check(LifeStep step, JsonElement answer, Dictionary<string, string> approvals, string what)
    {
        what = $"{what} → {answer.GetRawText()}";
        if (step.See is not null)
        {
            Assert.True(answer.TryGetProperty("value", out var value) && JsonElement.DeepEquals(value, step.Expected), what);
            return;
        }

        if (step.Refused is { } code)
        {
            Assert.True(answer.TryGetProperty("error", out var error) && error.GetString() == code, what);
            return;
        }

        Assert.False(answer.TryGetProperty("error", out _), what);
        if (step.Pending is { } name)
        {
            approvals[name] = answer.GetProperty("approval").GetString()!; // An invocation that stops has one.
            return;
        }

        Assert.True(answer.GetProperty("invoked").GetBoolean(), what);
        Assert.False(answer.TryGetProperty("warnings", out _), what);
        if (step.Key is { } key)
        {
            Assert.True(answer.GetProperty("writes")[0].GetProperty("key").GetString() == key, what);
        }
    }

    // Whoever watches is nobody: no view may fail for that, at any time.
    private async Task CheckPageAsync(TestRoom room, string what)
    {
        var context = (await host.Client(room.ViewToken).GetAsync(room.Path + "/context?only=views")).AssertOk();
        Assert.All(context["views"].EnumerateObject(), view => Assert.False(view.Value.GetRawText().Contains("_error", StringComparison.Ordinal), $"{what}: {view}"));
        Assert.Equal(0, context["views"].GetProperty("todo").GetProperty("value").GetArrayLength());
    }

    private async Task DecideAsync(TestRoom room, string approval, string decision, LifeStep step, string what)
    {
        var person = await Person.SessionAsync(host, room.OwnerName);
        var parameters = new Dictionary<string, object> { ["approval"] = approval, ["decision"] = decision };
        if (decision == "edit")
        {
            parameters["params"] = step.Params(new Dictionary<string, string>());
        }

        var decided = await host.Engine.Actions.InvokeAsync(person, room.Id, "_decide", new InvokeRequest { Params = JsonSerializer.SerializeToElement(parameters) }, TestContext.Current.CancellationToken);
        Assert.True(decided.Error is null, $"{what} → {decided.Error?.Message}");
    }
}
