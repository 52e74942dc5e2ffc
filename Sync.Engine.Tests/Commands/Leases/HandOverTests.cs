using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Leases;

public sealed class HandOverTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task HandOver_ToAStranger_IsAnOffer_WhichAClaimTakes()
    {
        await using var host = await StartAsync();
        var (ann, bob, cid) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"), await host.JoinAsync("r", "cid"));
        var first = await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","note":"half done","paths":["src/**"]}""");

        var offered = await host.InvokeAsync(ann, "r", "_hand_over", """{"to":"bob","keys":["k"]}""");

        Assert.True(offered["offered"]!.GetValue<bool>());
        Assert.Equal("ann", await HolderAsync(host, "k"));
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(cid, "r", "_claim", """{"key":"k","from":"ann"}""")).Code);
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(bob, "r", "_claim", """{"key":"k"}""")).Code);
        var taken = await host.InvokeAsync(bob, "r", "_claim", """{"key":"k","from":"ann"}""");
        Assert.Equal(taken["seq"].Number(), taken["fence"].Number());
        Assert.NotEqual(first["fence"].Number(), taken["fence"].Number());
        Assert.Equal("half done", (await host.StoredAsync("r", "_leases", "k"))!["holds"]![0]!["note"]!.GetValue<string>());
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(ann, "r", "_claim", """{"paths":["src/a.cs"]}""")).Code);
    }

    [Fact]
    public async Task HandOver_ToWhoGrantedTheGiver_OrAsAnOwner_PassesAtOnce()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"grants":["ann"]}"""), Cancel)).Error);
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"l"}""");

        var passed = await host.InvokeAsync(ann, "r", "_hand_over", """{"to":"bob"}""");
        Assert.Equal(["k", "l"], passed["keys"]!.AsArray().Select(key => key!.GetValue<string>()));
        Assert.Equal(("bob", "bob"), (await HolderAsync(host, "k"), await HolderAsync(host, "l")));

        await host.InvokeAsync(host.Owner, "r", "_hand_over", """{"from":"bob","to":"ann","keys":["k"]}""");
        Assert.Equal("ann", await HolderAsync(host, "k"));
    }

    [Fact]
    public async Task HandOver_AmongAgentsOfOneUser_PassesAtOnce_AndIsTakenForTheAsking()
    {
        await using var host = await StartAsync();
        await host.UserAsync("nina", "rooms:r:write");
        await host.GiveRoleAsync("r", "nina", Role.Participant);
        var (first, second) = (await OfNinaAsync(host, "n-1"), await OfNinaAsync(host, "n-2"));

        await host.InvokeAsync(first, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(first, "r", "_hand_over", """{"to":"n-2","keys":["k"]}""");
        Assert.Equal("n-2", await HolderAsync(host, "k"));

        await host.InvokeAsync(first, "r", "_claim", """{"key":"k","from":"n-2"}""");
        Assert.Equal("n-1", await HolderAsync(host, "k"));
        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(second, "r", "_release", """{"key":"k"}""")).Code);
    }

    [Theory]
    [InlineData("""{"to":"bob","keys":["other"]}""", "lease_required")]
    [InlineData("""{"to":"ann"}""", "invalid_param")]
    [InlineData("""{"to":"zoe"}""", "agent_not_found")]
    [InlineData("""{"to":"bob","from":"cid"}""", "not_owner")]
    [InlineData("""{"to":"bob","keys":7}""", "invalid_param_type")]
    [InlineData("""{"to":"bob","keys":[]}""", "invalid_param_type")]
    [InlineData("""{"to":"bob","roles":["lead"]}""", "lease_required")]
    [InlineData("""{}""", "missing_param")]
    public async Task HandOver_OfWhatIsNotTheirs_IsRefused(string parameters, string code)
    {
        await using var host = await StartAsync();
        var (ann, cid) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "cid"));
        await host.JoinAsync("r", "bob");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(cid, "r", "_claim", """{"key":"other"}""");

        Assert.Equal(code, (await host.RefusedAsync(ann, "r", "_hand_over", parameters)).Code.Name);
        Assert.Equal(("ann", "cid"), (await HolderAsync(host, "k"), await HolderAsync(host, "other")));
    }

    [Fact]
    public async Task Paths_ThatOverlap_AreHeldOnce_AndTheSameAgainIsARenewal()
    {
        await using var host = await StartAsync();
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));

        var first = await host.InvokeAsync(ann, "r", "_claim", """{"paths":["src/engine/**","docs/api.md"]}""");
        var again = await host.InvokeAsync(ann, "r", "_claim", """{"paths":["docs/api.md","SRC/engine/**"]}""");
        var refused = await host.RefusedAsync(bob, "r", "_claim", """{"paths":["src/*/Room.cs"]}""");

        Assert.Equal($"paths:{first["seq"]}", first["key"]!.GetValue<string>());
        Assert.Equal((first["key"]!.GetValue<string>(), first["fence"].Number()), (again["key"]!.GetValue<string>(), again["fence"].Number()));
        Assert.Equal((ErrorCode.LeaseHeld, "ann", first["key"]!.GetValue<string>()), (refused.Code, refused.Details!["holder"]!.GetValue<string>(), refused.Details["key"]!.GetValue<string>()));
        await host.InvokeAsync(bob, "r", "_claim", """{"paths":["src/web/**","docs/*.txt"]}""");
        await host.InvokeAsync(ann, "r", "_release", $$"""{"key":"{{first["key"]}}"}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"paths":["src/*/Room.cs"]}""");
    }

    [Fact]
    public async Task Paths_OfOneBatch_ExcludeEachOtherForOthersOnly()
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        await host.InvokeAsync(ann, "r", "_batch", """{"steps":[{"action":"_claim","params":{"paths":["a/**"]}},{"action":"_claim","params":{"paths":["b/**"]}}]}""");

        Assert.Equal(2, (await host.LoadedAsync("r")).Published.Leases.Count);
        var bob = await host.JoinAsync("r", "bob");
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(bob, "r", "_claim", """{"key":"mine","paths":["b/x"]}""")).Code);
    }

    [Theory]
    [InlineData("""{"paths":[]}""")]
    [InlineData("""{"paths":["../../etc"]}""")]
    [InlineData("""{"paths":[7]}""")]
    [InlineData("""{"paths":[""]}""")]
    public async Task Paths_ThatAreNone_AreRefused(string parameters)
    {
        await using var host = await StartAsync();
        var ann = await host.JoinAsync("r", "ann");

        Assert.Equal(ErrorKind.Invalid, (await host.RefusedAsync(ann, "r", "_claim", parameters)).Code.Kind);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        return host;
    }

    // A token that joins acts as its agent from then on.
    private static async Task<Caller> OfNinaAsync(EngineHost host, string agent)
    {
        var token = await host.UserAsync("nina", "rooms:r:write");
        Assert.Null((await host.Engine.Agents.JoinAsync(token, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), Cancel)).Error);
        return token;
    }

    private static async Task<string?> HolderAsync(EngineHost host, string key) => (await host.StoredAsync("r", "_leases", key))?["holds"]![0]!["agent"]!.GetValue<string>();
}
