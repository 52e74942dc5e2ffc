using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Agents;

/// <summary>A declared role is filled by one agent at a time, over whichever door it is asked for: generated for every pair of doors, and for every way in which it ends.</summary>
public sealed class RoleTests
{
    private static readonly string[] s_doors = ["join", "embody by role", "embody an agent", "change", "fill_role"];

    private static CancellationToken Cancel => EngineHost.Cancel;

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var first in s_doors)
            {
                foreach (var second in s_doors)
                {
                    cases.Add(first, second);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string, string> Ends
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var door in s_doors)
            {
                foreach (var end in new[] { "vacate_role", "removed", "done", "another label" })
                {
                    cases.Add(door, end);
                }
            }

            foreach (var door in s_doors.Where(static door => door.StartsWith("embody", StringComparison.Ordinal)))
            {
                foreach (var end in new[] { "disembodied", "session closed", "another agent", "another role", "token revoked", "observes" })
                {
                    cases.Add(door, end);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Role_ThatIsFilled_IsRefusedWithItsHolderAndNotToTheHolder(string first, string second)
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");
        var stan = await NewcomerAsync(host, "stan");
        Assert.Null(await FillAsync(host, first, nina));
        var holder = await HolderAsync(host);
        Assert.NotNull(holder);

        // Once more by the same agent changes nothing.
        Assert.Null(await FillAsync(host, first, nina));
        Assert.Equal(holder, await HolderAsync(host));

        var refused = await FillAsync(host, second, stan);

        Assert.Equal(holder, await HolderAsync(host));
        Assert.Equal((ErrorCode.LeaseHeld, holder), (refused!.Code, refused.Details!["holder"].Text()));
        Assert.Equal(false, (await host.EvalAsync(host.Owner, "r", refused.Details!["condition"].Text()))?.GetValue<bool>());
        if (second == "fill_role")
        {
            return;
        }

        Assert.Equal((ErrorCode.LeaseHeld, holder, "lead"), (refused!.Code, refused.Details!["holder"].Text(), refused.Details!["role"].Text()));

        // Who is not in the room yet could not wait there.
        Assert.Equal(second == "change" ? ["wait"] : ["join_room", "wait"], refused.Next.Select(step => step.ToString().Split(' ')[0]));
        Assert.Equal("agent", await LabelAsync(host, stan.Agent) ?? "agent");
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Role_ThatEnds_IsVacantAndWhoWaitsForItIsTold(string door, string end)
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");
        var stan = await NewcomerAsync(host, "stan");
        Assert.Null(await FillAsync(host, door, nina));
        var holder = await HolderAsync(host);
        await host.InvokeAsync(nina.For(door), "r", "_send_message", """{"body":"hi"}""");
        Assert.Null(await FillAsync(host, "join", stan, "agent"));
        var refused = (await FillAsync(host, "join", stan))!; // It is filled.
        var condition = refused.Details!["condition"].Text();
        Assert.Equal([NextStep.Wait("r", condition).ToString()], refused.Next.Select(step => step.ToString()));
        var waiting = host.WaitAsync(stan.Token, "r", condition);
        await host.ParkedAsync("r");

        switch (end)
        {
            case "vacate_role":
                await host.InvokeAsync(nina.For(door), "r", "vacate_role", """{"role":"lead"}""");
                break;
            case "removed":
                Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", holder!, free: false, Cancel)).Error);
                break;
            case "done":
                await PatchAsync(host, host.Owner, holder!, """{"status":"done"}""");
                break;
            case "another label":
                await PatchAsync(host, host.Owner, holder!, """{"role":"lead"}""");
                await PatchAsync(host, host.Owner, holder!, """{"role":"agent"}""");
                break;
            case "disembodied":
                Assert.Equal(holder, (await host.Engine.Embodiments.DisembodyAsync(nina.Session, "r", Cancel)).Value);
                break;
            case "session closed":
                host.Engine.Embodiments.Close((Sync.Engine.Identity.Sessions.ClientSession)nina.Session.Session!);
                break;
            case "another agent":
                Assert.Equal(holder, (await host.Engine.Embodiments.EmbodyAsync(nina.Session, "r", new EmbodyRequest { Agent = "nina:other" }, Cancel)).Value.Released);
                break;
            case "another role":
                Assert.Null((await host.Engine.Embodiments.EmbodyAsync(nina.Session, "r", new EmbodyRequest { Role = "reviewer" }, Cancel)).Error);
                break;
            case "token revoked":
                Assert.Null((await host.Engine.Tokens.RevokeAsync(await host.SessionAsync("nina"), nina.Token.TokenId!, Cancel)).Error); // A token has an id.
                break;
            default:
                Assert.Equal(holder, (await host.Engine.Embodiments.RestrictAsync(nina.Session, "r", role: null, Cancel)).Value.Released);
                break;
        }

        Assert.True((await waiting)["triggered"].Flag());
        Assert.Null(await HolderAsync(host));
        Assert.Null(await FillAsync(host, "join", stan));
        Assert.Equal(stan.Agent, await HolderAsync(host));

        // As the log has it.
        await host.RestartAsync();
        Assert.Equal(stan.Agent, await HolderAsync(host));
    }

    [Theory]
    [InlineData("join")]
    [InlineData("embody by role")]
    [InlineData("embody an agent")]
    [InlineData("change")]
    public async Task Role_ThatIsNotDeclared_IsRefusedWithThoseThatAre(string door)
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");

        var near = await FillAsync(host, door, nina, "leed");
        var far = await FillAsync(host, door, nina, "accountant");

        Assert.Equal((ErrorCode.InvalidParameter, "Did you mean 'lead'?"), (near!.Code, near.HintFor(PlainSteps.Instance)));
        Assert.Equal("Vacant are lead, reviewer.", far!.HintFor(PlainSteps.Instance));
        Assert.Equal(["lead", "reviewer"], far.Details!["roles"]!.AsArray().Select(role => role!["role"].Text()));

        // The word for none is always there.
        Assert.Null(await FillAsync(host, door, nina, "agent"));
    }

    [Theory]
    [InlineData("join")]
    [InlineData("embody by role")]
    [InlineData("embody an agent")]
    [InlineData("change")]
    public async Task Role_InARoomThatDeclaresNone_IsALabelOfManyAgents(string door)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var name in new[] { "nina", "stan" })
        {
            Assert.Null(await FillAsync(host, door, await NewcomerAsync(host, name)));
        }

        Assert.Equal(2, (await host.LoadedAsync("r")).Published.Agents.Values.Count(agent => agent.Role == "lead"));
        Assert.Null(await HolderAsync(host));
    }

    [Fact]
    public async Task Role_ThatManySessionsAskForAtOnce_IsFilledByOne()
    {
        await using var host = await DeclaredAsync();
        List<Newcomer> people = [];
        for (var number = 0; number < 6; number++)
        {
            people.Add(await NewcomerAsync(host, $"user{number / 2}"));
        }

        for (var round = 0; round < 5; round++)
        {
            var outcomes = await Task.WhenAll(people.Select(person => Task.Run(() => host.Engine.Embodiments.EmbodyAsync(person.Session, "r", new EmbodyRequest { Role = "lead" }, Cancel))));

            var winner = Assert.Single(people.Index(), person => outcomes[person.Index].Error is null);
            Assert.All(outcomes.Where(outcome => outcome.Error is not null), outcome => Assert.Equal(ErrorCode.LeaseHeld, outcome.Error!.Code));
            Assert.Equal(outcomes[winner.Index].Value.Agent, await HolderAsync(host));
            Assert.Equal(outcomes[winner.Index].Value.Agent, (await host.InvokeAsync(winner.Item.Session, "r", "_send_message", """{"body":"hi"}"""))["agent"].Text());
            Assert.Equal(winner.Item.Token.UserId, (await host.LoadedAsync("r")).Published.Agents[outcomes[winner.Index].Value.Agent].User);

            // Let go while others ask: whoever is told that it fills the role does.
            var next = people[(winner.Index + 1) % people.Count];
            var letting = Task.Run(() => host.Engine.Embodiments.DisembodyAsync(winner.Item.Session, "r", Cancel));
            var second = await Task.Run(() => host.Engine.Embodiments.EmbodyAsync(next.Session, "r", new EmbodyRequest { Role = "lead" }, Cancel));
            await letting;
            Assert.Equal(second.Error is null ? second.Value.Agent : null, await HolderAsync(host));
            await host.Engine.Embodiments.DisembodyAsync(next.Session, "r", Cancel);
        }
    }

    [Fact]
    public async Task Role_OfAnAgentOfTheSameUser_IsHadByBeingThatAgent()
    {
        await using var host = await DeclaredAsync();
        var first = await NewcomerAsync(host, "nina");
        var second = await NewcomerAsync(host, "nina");
        Assert.Null(await FillAsync(host, "embody by role", first));
        var holder = await HolderAsync(host);

        var refused = await FillAsync(host, "embody by role", second);

        Assert.Equal(ErrorCode.LeaseHeld, refused?.Code);
        Assert.Equal(NextStep.Embody("r", holder, takeOver: true).ToString(), refused!.Next[0].ToString());
        Assert.Equal(holder, (await host.Engine.Embodiments.EmbodyAsync(second.Session, "r", new EmbodyRequest { Role = "lead", TakeOver = true }, Cancel)).Value.Agent);
        Assert.Equal(holder, await HolderAsync(host));
        await host.InvokeAsync(second.Session, "r", "_send_message", """{"body":"hi"}""");
    }

    [Fact]
    public async Task Role_ThatWasLetGo_PassesToAnotherUserWithoutWhatItsAgentKeeps()
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");
        var stan = await NewcomerAsync(host, "stan");
        var filled = (await host.Engine.Embodiments.EmbodyAsync(nina.Session, "r", new EmbodyRequest { Role = "lead", State = EngineHost.Json("""{"plan":1}""") }, Cancel)).Value;
        await host.InvokeAsync(nina.Session, "r", "_send_message", """{"body":"hi"}""");
        Assert.Null((await host.Engine.Embodiments.DisembodyAsync(nina.Session, "r", Cancel)).Error);

        var next = (await host.Engine.Embodiments.EmbodyAsync(stan.Session, "r", new EmbodyRequest { Role = "lead" }, Cancel)).Value;

        Assert.NotEqual(filled.Agent, next.Agent);
        Assert.True(next.Created);
        Assert.Null(await host.EvalAsync(stan.Session, "r", "state.self.plan"));
        Assert.Equal(next.Agent, await HolderAsync(host));

        // Its own user has it back, with what it keeps, where the role is free again.
        Assert.Null((await host.Engine.Embodiments.DisembodyAsync(stan.Session, "r", Cancel)).Error);
        Assert.Equal(filled.Agent, (await host.Engine.Embodiments.EmbodyAsync(nina.Session, "r", new EmbodyRequest { Role = "lead" }, Cancel)).Value.Agent);
        Assert.Equal(1, (await host.EvalAsync(nina.Session, "r", "state.self.plan"))?.GetValue<int>());
    }

    [Fact]
    public async Task Role_OfAServerThatStopped_StaysItsAgentsUntilItComesBack()
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");
        Assert.Null(await FillAsync(host, "embody an agent", nina));
        await host.InvokeAsync(nina.Session, "r", "_send_message", """{"body":"hi"}""");
        var holder = await HolderAsync(host);
        await host.RestartAsync();

        Assert.Equal(ErrorCode.LeaseHeld, (await FillAsync(host, "embody by role", await NewcomerAsync(host, "stan")))?.Code);
        Assert.Null(await FillAsync(host, "embody an agent", await NewcomerAsync(host, "nina")));
        Assert.Equal(holder, await HolderAsync(host));
    }

    [Fact]
    public async Task Role_AskedForAgainByItsAgent_LogsNothing()
    {
        await using var host = await DeclaredAsync();
        var nina = await NewcomerAsync(host, "nina");
        Assert.Null(await FillAsync(host, "embody by role", nina));
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        Assert.Null(await FillAsync(host, "embody by role", nina));

        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
    }

    private static async Task<EngineHost> DeclaredAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var action in (string[])["define_role", "fill_role", "vacate_role"])
        {
            await host.RegisterAsync(host.Owner, "r", $$"""{"from":"standard_library","id":"{{action}}"}""");
        }

        foreach (var role in (string[])["lead", "reviewer"])
        {
            await host.InvokeAsync(host.Owner, "r", "define_role", $$"""{"role":"{{role}}","description":"…"}""");
        }

        return host;
    }

    private static async Task<Newcomer> NewcomerAsync(EngineHost host, string name)
    {
        var token = await host.UserAsync(name, "rooms:*");
        return new Newcomer(token, token.In(host.Engine.Embodiments.Open(token, "probe")), $"{name}-bot");
    }

    private static async Task<SyncError?> FillAsync(EngineHost host, string door, Newcomer person, string role = "lead")
    {
        switch (door)
        {
            case "join":
                return (await host.Engine.Agents.JoinAsync(person.Token, "r", EngineHost.Json($$"""{"id":"{{person.Agent}}","role":"{{role}}"}"""), Cancel)).Error;
            case "embody by role":
                return (await host.Engine.Embodiments.EmbodyAsync(person.Session, "r", new EmbodyRequest { Role = role }, Cancel)).Error;
            case "embody an agent":
                return (await host.Engine.Embodiments.EmbodyAsync(person.Session, "r", new EmbodyRequest { Agent = person.Agent, Role = role }, Cancel)).Error;
            default:
                Assert.Null((await host.Engine.Agents.JoinAsync(person.Token, "r", EngineHost.Json($$"""{"id":"{{person.Agent}}"}"""), Cancel)).Error);
                return door == "change"
                    ? (await host.Engine.Agents.UpdateAsync(person.Token, "r", person.Agent, EngineHost.Json($$"""{"role":"{{role}}"}"""), Cancel)).Error
                    : (await host.TryInvokeAsync(person.Token, "r", door, $$"""{"role":"{{role}}"}""")).Error;
        }
    }

    private static async Task PatchAsync(EngineHost host, Caller caller, string agent, string body) =>
        Assert.Null((await host.Engine.Agents.UpdateAsync(caller, "r", agent, EngineHost.Json(body), Cancel)).Error);

    private static async Task<string?> HolderAsync(EngineHost host) => (await host.LoadedAsync("r")).Published.Leases.Find("role:lead")?.First.Agent;

    private static async Task<string?> LabelAsync(EngineHost host, string agent) => (await host.LoadedAsync("r")).Published.Agents.GetValueOrDefault(agent)?.Role;

    private sealed record Newcomer(Caller Token, Caller Session, string Agent)
    {
        public Caller For(string door) => door.StartsWith("embody", StringComparison.Ordinal) ? Session : Token;
    }
}
