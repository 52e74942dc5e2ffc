using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Help;

/// <summary>The calls and expressions in the help on roles, cooldowns and gates work in the order in which they are written.</summary>
public sealed class PatternHelpTests
{
    [Theory]
    [InlineData("roles", 5)]
    [InlineData("cooldown", 2)]
    [InlineData("gates", 6)]
    public async Task Help_OfAPattern_HasCallsThatWork(string key, int expected)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var calls = HelpTexts.Find(key)!.Calls.ToList();
        var invoked = 0;
        foreach (var step in calls)
        {
            switch (step.Kind)
            {
                case StepKind.Invoke:
                    await host.InvokeAsync(host.Owner, "r", step.Text("action")!, ((JsonElement)step["params"]!).GetRawText());
                    invoked++;
                    break;
                case StepKind.Wait:
                    var waited = await host.WaitAsync(host.Owner, "r", step.Text("condition")!);
                    Assert.True(waited["triggered"].Flag());
                    Assert.False(waited.ContainsKey("warnings"));
                    break;
                case StepKind.Evaluate:
                    await host.EvalAsync(host.Owner, "r", step.Text("expr")!);
                    break;
                default:
                    Assert.Null((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"olga","role":"reviewer"}"""), EngineHost.Cancel)).Error);
                    break;
            }
        }

        Assert.Equal(expected, invoked);
        foreach (Match expression in Regex.Matches(HelpTexts.Read($"{key}.md"), "`(state\\.[^`]* == null\\))`|\"if\": \"(state\\._role[^\"]*)\""))
        {
            Assert.NotNull(await host.EvalAsync(host.Owner, "r", expression.Groups[1].Success ? expression.Groups[1].Value : expression.Groups[2].Value));
        }
    }

    [Fact]
    public async Task Help_OnGates_ProtectsAPlaceFromOtherActions()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var step in HelpTexts.Find("gates")!.Calls.Where(step => step.Kind == StepKind.Invoke))
        {
            await host.InvokeAsync(host.Owner, "r", step.Text("action")!, ((JsonElement)step["params"]!).GetRawText());
        }

        await host.RegisterAsync(host.Owner, "r", """{"id":"round","writes":[{"key":"live","value":"3"}]}""");
        Assert.Equal(ErrorCode.ScopeDenied, (await host.RefusedAsync(host.Owner, "r", "round")).Code);
        await host.InvokeAsync(host.Owner, "r", "deploy", """{"version":"test"}""");
    }

    [Fact]
    public async Task Help_OnCooldowns_HasACooldownOfEachAgentByItself()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        foreach (var step in HelpTexts.Find("cooldown")!.Calls.Where(step => step.Kind == StepKind.Invoke))
        {
            await host.InvokeAsync(host.Owner, "r", step.Text("action")!, ((JsonElement)step["params"]!).GetRawText());
        }

        var (alice, bob) = (await host.JoinAsync("r", "alice"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(alice, "r", "guess", """{"value":1}""");
        Assert.Equal(ErrorCode.PreconditionFailed, (await host.RefusedAsync(alice, "r", "guess", """{"value":2}""")).Code);
        await host.InvokeAsync(bob, "r", "guess", """{"value":3}""");
        await host.InvokeAsync(alice, "r", "deploy");
        Assert.Equal(ErrorCode.ActionCooldown, (await host.RefusedAsync(bob, "r", "deploy")).Code);
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(61));
        await host.InvokeAsync(alice, "r", "guess", """{"value":4}""");
        await host.InvokeAsync(bob, "r", "deploy");
    }
}
