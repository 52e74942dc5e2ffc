using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>What a page offers is what the engine would do: the refusal of a mint is known without minting, and is the same.</summary>
public sealed class MintRefusalTests : TokenTestBase
{
    private static readonly string[] s_asked = ["rooms:a:read", "rooms:a:write", "rooms:a:agent:bot", "rooms:a", "rooms:b:read", "rooms:none:read", "rooms:*", "create_rooms", "nonsense"];

    [Fact]
    public async Task Refusal_OfEveryScopeForEveryCaller_IsThatOfTheMint()
    {
        var callers = new Dictionary<string, Caller>
        {
            ["owner's session"] = Session,
            ["owner's token"] = Host.Owner,
            ["anonymous"] = Caller.Anonymous,
            ["room token"] = await Host.CallerAsync((await Host.RoomAsync("c")).RoomToken),
            ["participant"] = await Host.MemberAsync("a", "pat", Role.Participant, "rooms:*"),
            ["observer"] = await Host.MemberAsync("a", "obi", Role.Observer, "rooms:*"),
            ["stranger"] = await Host.UserAsync("stan", "rooms:*"),
            ["link that reads"] = await Host.CallerAsync((await Host.MintAsync(Session, "rooms:a:read")).Value.Secret),
            ["server's audience"] = Caller.SystemReader("a"),
        };

        foreach (var (name, caller) in callers)
        {
            foreach (var scope in s_asked)
            {
                var refusal = await Tokens.MintRefusalAsync(caller, new MintToken { Scope = scope }, Cancel);
                var minted = await Host.MintAsync(caller, scope);

                Assert.True(refusal?.Code == minted.Error?.Code, $"{name} asks for {scope}: {refusal?.Code.Name} and {minted.Error?.Code.Name}");
                if (minted.Error is null)
                {
                    await Tokens.RevokeAsync(caller, minted.Value.Info.Id, Cancel);
                }
            }
        }

        Assert.Null(await Tokens.MintRefusalAsync(callers["participant"], new MintToken { RoomId = "a", AgentId = "bot" }, Cancel));
        Assert.NotNull(await Tokens.MintRefusalAsync(callers["observer"], new MintToken { RoomId = "a", AgentId = "bot" }, Cancel));
        Assert.NotNull(await Tokens.MintRefusalAsync(callers["stranger"], new MintToken { RoomId = "a", AgentId = "bot" }, Cancel));
    }

    [Fact]
    public async Task Get_OfOnesOwn_SaysWhenItWasUsed_AndOfAnothersNothing()
    {
        var issued = (await Host.MintAsync(Session, scope: null, "a", "bot")).Value;
        Assert.Null((await Tokens.GetAsync(Session, issued.Info.Id, Cancel)).Value.LastUsedAt);

        await Host.ContextAsync(await Host.CallerAsync(issued.Secret), "a");

        Assert.NotNull((await Tokens.GetAsync(Session, issued.Info.Id, Cancel)).Value.LastUsedAt);
        var other = await Host.SessionAsync("otto");
        Assert.Equal("token_not_found", (await Tokens.GetAsync(other, issued.Info.Id, Cancel)).Error!.Code.Name);
        Assert.Equal("authentication_required", (await Tokens.GetAsync(Caller.Anonymous, issued.Info.Id, Cancel)).Error!.Code.Name);
    }
}
