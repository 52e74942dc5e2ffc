using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>What counts as needing attention, when it comes and when it goes.</summary>
public sealed class InboxAttentionTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>Each kind of it: what brings it about, the key it has, what mends it. Written as invocations of the owner, one after another.</summary>
    public static TheoryData<string, string, string, string> Kinds { get; } = new()
    {
        { "a broken view", """_register_view {"id":"seen","expr":"1 / 0"}""", "broken_view/seen", """_register_view {"id":"seen","expr":"1"}""" },
        { "a surface that names an action", """_register_view {"id":"seen","expr":"1","render":{"type":"metric","actions":["gone"]}}""", "broken_surface/seen/action/gone", """_register_action {"id":"gone","writes":[{"key":"k","value":1}]}""" },
        {
            "a contested key",
            """_register_action {"id":"one","writes":[{"key":"k","value":1}]}|_register_action {"id":"two","writes":[{"key":"k","value":2}]}""",
            "contested",
            """_delete_action {"id":"two"}"""
        },
        { "a paused room", """_pause {"what":"room","reason":"x"}""", "paused/room", """_resume {"what":"room"}""" },
        { "a paused agent", """_pause {"what":"agent:bob","reason":"x"}""", "paused/agent:bob", """_resume {"what":"agent:bob"}""" },
        { "a paused action", """_register_action {"id":"one","writes":[{"key":"k","value":1}]}|_pause {"what":"action:one","reason":"x"}""", "paused/action:one", """_resume {"what":"action:one"}""" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Attention_OfItsKind_ComesAndGoesAndIsNotCounted(string what, string causes, string key, string remedy)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "bob");
        await DoAsync(host, causes);

        var inbox = await host.InboxAsync(host.Owner);
        var item = Assert.Single(inbox.Items);
        Assert.True(item.Key == $"r/attention/{key}", what);
        Assert.Equal((InboxKind.Attention, key.Split('/')[0], 0, 1), (item.Kind, item.Attention, inbox.Waiting, inbox.Count(InboxKind.Attention)));
        Assert.NotNull(item.Seq);

        await DoAsync(host, remedy);

        Assert.Empty((await host.InboxAsync(host.Owner)).Items);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Attention_IsForWhoTakesPart(string what, string causes, string key, string remedy)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "bob");
        foreach (var (name, role) in ((string, Role)[])[("cora", Role.Collaborator), ("pat", Role.Participant), ("otto", Role.Observer)])
        {
            await host.UserAsync(name, "rooms:*");
            await host.GiveRoleAsync("r", name, role);
        }

        await DoAsync(host, causes);

        Assert.True(await host.KeysAsync(await host.SessionAsync("cora")) == $"r/attention/{key}", what);
        Assert.Equal($"r/attention/{key}", await host.KeysAsync(await host.SessionAsync("pat")));
        Assert.Equal("", await host.KeysAsync(await host.SessionAsync("otto")));
        Assert.NotEqual("", remedy);
    }

    [Fact]
    public async Task Refusals_OfOneAgent_AreALotAtFiveWithinTenMinutes()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var (bob, carl) = (await host.JoinAsync("r", "bob"), await host.JoinAsync("r", "carl"));
        for (var refusal = 1; refusal <= 4; refusal++)
        {
            await host.RefusedAsync(bob, "r", $"unknown{refusal}");
            await host.RefusedAsync(carl, "r", $"unknown{refusal}");
        }

        await host.SettleAsync("r");
        Assert.Equal("", await host.KeysAsync(host.Owner));
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(9));
        await host.RefusedAsync(bob, "r", "unknown5");
        await host.SettleAsync("r");

        var item = Assert.Single((await host.InboxAsync(host.Owner)).Items);
        Assert.Equal(("r/attention/refused/bob", "bob", "unknown5", "bob was refused 5 times within ten minutes"), (item.Key, item.Agent, item.Action, item.Title));

        await host.AdvanceAsync("r", TimeSpan.FromMinutes(1));

        Assert.Equal("", await host.KeysAsync(host.Owner));
    }

    [Fact]
    public async Task Refusals_ThatWereFolded_CountEach()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        for (var refusal = 0; refusal < 12; refusal++)
        {
            await host.RefusedAsync(bob, "r", "unknown");
        }

        await EngineHost.UntilAsync(() => host.KeysAsync(host.Owner), static keys => keys == "r/attention/refused/bob");
    }

    [Theory]
    [InlineData("[\"user:nina\"]", true)]
    [InlineData("[\"agent:lead\"]", true)]
    [InlineData("[\"role:reviewer\"]", true)]
    [InlineData("[\"agent:asker\"]", true)]
    [InlineData("[\"user:nina\",\"agent:bob\"]", false)]
    [InlineData("[\"agent:bob\"]", false)]
    [InlineData("[\"user:olga\"]", false)]
    [InlineData("\"person\"", false)]
    [InlineData("\"owner\"", false)]
    public async Task Approval_ThatNobodyCanDecide_NeedsAttention(string by, bool isUndecidable)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.UserAsync("nina", "rooms:*");
        await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", $$$"""{"id":"act","writes":[{"key":"k","value":1}],"approve":{"by":{{{by}}}}}""");
        var asker = await host.JoinAsync("r", "asker");

        var id = (await host.InvokeAsync(asker, "r", "act"))["approval"].Text();

        Assert.Equal(isUndecidable ? $"r/attention/undecidable/{id}" : "", await host.KeysAsync(host.Owner, InboxKind.Attention));
    }

    [Fact]
    public async Task Approval_ThatTheOnlyPersonInvokedOnThePage_IsUndecidableUntilAnotherComes()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":1}],"approve":{"by":"person"}}""");
        var olga = await host.SessionAsync("olga");
        var id = (await host.InvokeAsync(olga, "r", "act"))["approval"].Text();
        Assert.Equal($"r/attention/undecidable/{id}", await host.KeysAsync(olga));

        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Collaborator);

        Assert.Equal("", await host.KeysAsync(olga));
        Assert.Equal($"r/approval/{id}", await host.KeysAsync(await host.SessionAsync("ben")));
    }

    [Fact]
    public async Task View_ThatIsMadeForItsReader_IsNotBrokenWhereThePersonIsNobody()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.ViewAsync(bob, "r", """{"id":"mine","expr":"agents[self].name"}""");

        Assert.Equal("", await host.KeysAsync(host.Owner));
    }

    private static async Task DoAsync(EngineHost host, string calls)
    {
        foreach (var call in calls.Split('|'))
        {
            var space = call.IndexOf(' ', StringComparison.Ordinal);
            await host.InvokeAsync(host.Owner, "r", call[..space], call[space..]);
        }
    }
}
