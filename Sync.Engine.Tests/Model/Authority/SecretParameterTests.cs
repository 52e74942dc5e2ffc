using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Parameters declared secret: their values are in no answer, log or public place.</summary>
public sealed class SecretParameterTests : HostileParticipant
{
    /// <summary>Where something stands is told to everybody.</summary>
    [Theory]
    [InlineData("""{"key":"k-${params.p}","value":1}""")]
    [InlineData("""{"scope":"_${params.p}","key":"k","value":1}""")]
    [InlineData("""{"key":"k","path":"at.${params.p}","value":1}""")]
    public async Task SecretParameter_InTheTargetOfAWrite_IsNotRegistered(string write)
    {
        var refused = await Host.RefusedAsync(Alice, "r", "_register_action", $$$"""{"id":"lock","params":{"p":{"type":"string","secret":true} },"writes":[{{{write}}}]}""");

        Assert.Equal(ErrorCode.InvalidTemplate, refused.Code);
        var expr = await Host.RegisterAsync(Alice, "r", """{"id":"told","params":{"p":{"type":"string","secret":true} },"writes":[{"key":"k","value":"params.p + '!'","expr":true}]}""");
        Assert.Contains("secret_shown", expr["warnings"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretParameter_InAnyAnswerOrRead_DoesNotAppear()
    {
        const string Pin = "4711-0815-pin";
        await Host.RegisterAsync(Alice, "r", """
            {"id":"unlock","params":{"pin":{"type":"string","secret":true,"pattern":"pin$"},"n":{"type":"integer"}},"if":"params.n != 1 || int(params.pin) == 1",
             "writes":[{"scope":"${self}","key":"pin","value":{"p":"${params.pin}"}},{"scope":"${self}","key":"list","append":true,"value":"${params.pin}"}],"result":"'<' + params.pin + '>'"}
            """);
        var answers = new List<string>
        {
            (await Host.InvokeAsync(Alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", requestId: "x")).ToJsonString(),
            (await Host.InvokeAsync(Alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", requestId: "x")).ToJsonString(),
            (await Host.InvokeAsync(Alice, "r", "unlock", $$"""{"pin":"{{Pin}}"}""", dryRun: true)).ToJsonString(),
            Whole(await Host.RefusedAsync(Alice, "r", "unlock", $$"""{"pin":"{{Pin}}","n":1}""")),
            Whole(await Host.RefusedAsync(Alice, "r", "unlock", $$"""{"pim":"{{Pin}}"}""")),
            Whole(await Host.RefusedAsync(Alice, "r", "unlock", $$"""{"pin":"{{Pin}}x"}""")),
            EngineHost.Node((await Host.Engine.Actions.ExplainAsync(Alice, "r", "unlock", new InvokeRequest { Params = EngineHost.Json($$"""{"pin":"{{Pin}}","n":1}""") }, Cancel)).Value).ToJsonString(),
        };
        await Host.SettleAsync("r");
        answers.Add(await EverythingAsync(Mallory));
        Assert.All(answers, static answer => Assert.DoesNotContain("4711", answer, StringComparison.Ordinal));
    }
}
