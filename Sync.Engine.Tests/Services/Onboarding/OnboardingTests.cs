using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Onboarding;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Users;

namespace Sync.Engine.Tests.Services.Onboarding;

/// <summary>A person's first steps are found in what there is, also after a restart, and are nobody else's to see.</summary>
public sealed class OnboardingTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Steps_TakenOneByOne_AreDoneOneByOne_AndStayDone()
    {
        await using var host = await EngineHost.StartAsync();
        var user = await host.SetUpAsync("nina");
        var person = await host.SignInAsync(user);
        Assert.Equal(new FirstSteps(false, null, false, false), await StepsAsync(host, person));

        Assert.Null((await host.Engine.Users.NewRecoveryCodesAsync(person, Cancel)).Error);
        Assert.Equal(new FirstSteps(true, null, false, false), await StepsAsync(host, person));

        Assert.Null((await host.Engine.Rooms.CreateAsync(person, new CreateRoom("lab", null, JoinPolicy.Members), Cancel)).Error);
        Assert.Equal(new FirstSteps(true, "lab", false, false), await StepsAsync(host, person));

        Assert.True((await host.Engine.Agents.IntroduceAsync(person, "lab", "claude", Cancel)).Value);
        var issued = (await host.Engine.Tokens.MintAsync(person, new MintToken { RoomId = "lab", AgentId = "claude" }, Cancel)).Value;
        Assert.False((await StepsAsync(host, person)).HasAgent);
        var agent = await host.CallerAsync(issued.Secret);
        await host.RegisterAsync(agent, "lab", """{"id":"publish","approve":{"by":"person"},"writes":[{"key":"out","value":1}]}""");
        Assert.Equal(new FirstSteps(true, "lab", true, false), await StepsAsync(host, person));

        var asked = await host.InvokeAsync(agent, "lab", "publish");
        Assert.False((await StepsAsync(host, person)).HasDecided);
        await host.InvokeAsync(person, "lab", "_decide", $$"""{"approval":"{{asked["approval"]!.GetValue<string>()}}","decision":"accept"}""");
        var done = await StepsAsync(host, person);
        Assert.True(done.IsComplete);
        Assert.Equal(FirstSteps.Count, done.Done);

        await host.RestartAsync();

        Assert.True((await StepsAsync(host, await host.SignInAsync(user))).IsComplete);
    }

    [Fact]
    public async Task Steps_OfAnother_AreNotOnes()
    {
        await using var host = await EngineHost.StartAsync();
        var nina = await host.SetUpAsync("nina");
        await host.RoomAsync("hers");

        var other = await host.ArriveAsync(nina, "otto");

        Assert.Equal(new FirstSteps(false, null, false, false), await StepsAsync(host, await host.SignInAsync(other)));
    }

    [Fact]
    public async Task Steps_AskedForWithoutASession_AreRefused()
    {
        await using var host = await EngineHost.StartAsync();
        var token = await host.UserAsync("carl", "rooms:* create_rooms");

        foreach (var caller in new[] { Caller.Anonymous, token, Caller.System("room"), Caller.SystemReader("room") })
        {
            Assert.Equal("authentication_required", (await host.Engine.Onboarding.ReadAsync(caller, Cancel)).Error?.Code.Name);
        }
    }

    private static async Task<FirstSteps> StepsAsync(EngineHost host, Caller person) => (await host.Engine.Onboarding.ReadAsync(person, Cancel)).Value;
}
