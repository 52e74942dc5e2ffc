using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Primitives.Ids;

public sealed class NameTests
{
    // Each is invisible, or changes how what stands around it is shown.
    public static TheoryData<string> Hidden { get; } =
    [
        "\u0000", "\u0007", "\n", "\u007f", "\u0085", "\u00ad", "\u061c", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029",
        "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff", "\ue000", "\ufffd", "\U000e0001", "\U000f0000",
    ];

    [Theory]
    [MemberData(nameof(Hidden))]
    public void CheckName_OfAHiddenCharacterAnywhere_Refuses(string hidden)
    {
        foreach (var name in new[] { hidden, "a" + hidden, hidden + "a", "al" + hidden + "ice" })
        {
            Assert.Equal(ErrorCode.InvalidId, Identifiers.CheckName("key", name)?.Code);
            Assert.False(Identifiers.IsTitle(name, 200));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u00a0\u2003")]
    [InlineData("\u3164")]
    [InlineData("\u2800\u115f")]
    [InlineData("\ufe0f")]
    [InlineData("\u034f")]
    public void CheckName_OfNothingToSee_Refuses(string blank)
    {
        Assert.Equal(ErrorCode.InvalidId, Identifiers.CheckName("key", blank)?.Code);
        Assert.False(Identifiers.IsTitle(blank, 200));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void CheckName_OfDotsAlone_Refuses(string dots) => Assert.Equal(ErrorCode.InvalidId, Identifiers.CheckName("key", dots)?.Code);

    [Theory]
    [InlineData("a b")]
    [InlineData("...")]
    [InlineData("Zoë")]
    [InlineData("e\u0301")]
    [InlineData("タスク")]
    [InlineData("שלום")]
    [InlineData("🚀")]
    public void CheckName_OfVisibleText_Passes(string name)
    {
        Assert.Null(Identifiers.CheckName("key", name));
        Assert.True(Identifiers.IsTitle(name, 200));
    }

    [Fact]
    public void CheckName_OfHalfASurrogatePair_Refuses()
    {
        Assert.NotNull(Identifiers.CheckName("key", "a\ud800"));
        Assert.NotNull(Identifiers.CheckName("key", "\udc00a"));
    }

    [Fact]
    public async Task EveryDoorThatNames_GivenHiddenCharacters_Refuses()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bad = "al\u202eice";
        var text = System.Text.Json.JsonSerializer.Serialize(bad);

        async Task<SyncError?> Join(string body) => (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json(body), EngineHost.Cancel)).Error;
        async Task<SyncError?> Invoke(string action, string body) => (await host.TryInvokeAsync(host.Owner, "r", action, body)).Error;
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"k":"string"},"writes":[{"key":"${params.k}","value":1}]}""");
        (string Door, SyncError? Refusal)[] doors =
        [
            ("agent name", await Join($$"""{"id":"a","name":{{text}}}""")),
            ("agent role", await Join($$"""{"id":"a","role":{{text}}}""")),
            ("agent id", await Join($$"""{"id":{{text}}}""")),
            ("private key", await Join($$"""{"id":"a","state":{ {{text}}:1 } }""")),
            ("view of a join", await Join($$"""{"id":"a","views":[{"id":{{text}},"expr":"1"}] }""")),
            ("action id", await Invoke("_register_action", $$"""{"id":{{text}}}""")),
            ("parameter", await Invoke("_register_action", $$"""{"id":"x","params":{ {{text}}:"string" } }""")),
            ("literal key", await Invoke("_register_action", $$"""{"id":"x","writes":[{"key":{{text}},"value":1}]}""")),
            ("view id", await Invoke("_register_view", $$"""{"id":{{text}},"expr":"1"}""")),
            ("key by template", await Invoke("put", $$"""{"k":{{text}}}""")),
            ("message kind", await Invoke("_send_message", $$"""{"body":"hi","kind":{{text}}}""")),
            ("room name", (await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(bad, Join: null), EngineHost.Cancel)).Error),
            ("new room's name", (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("s", bad, JoinPolicy.Open), EngineHost.Cancel)).Error),
            ("token label", (await host.Engine.Access.MintAsync("olga", "rooms:*", bad, expiresIn: null, EngineHost.Cancel)).Error),
            ("user name", (await host.Engine.Access.MintAsync(bad, "rooms:*", label: null, expiresIn: null, EngineHost.Cancel)).Error),
        ];

        Assert.All(doors, static door => Assert.True(door.Refusal?.Hint is { Length: > 0 }, door.Door));
    }

    [Fact]
    public void CheckName_LongerThanAllowed_Refuses()
    {
        Assert.Null(Identifiers.CheckName("key", new string('a', 256)));
        Assert.NotNull(Identifiers.CheckName("key", new string('a', 257)));
    }

    [Theory]
    [MemberData(nameof(Hidden))]
    public void Shown_OfAHiddenCharacter_WritesWhichItIs(string hidden) => Assert.DoesNotContain(Identifiers.Shown("a" + hidden + "b"), static c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse);
}
