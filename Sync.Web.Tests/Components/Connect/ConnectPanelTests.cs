using Bunit;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Connect;
using Sync.Web.Components.Dashboard;
using Sync.Web.Tests.Components.Dashboard;

namespace Sync.Web.Tests.Components.Connect;

/// <summary>The panel that connects an agent: what it offers to whom, what its token may do, and what it says as the agent comes.</summary>
public sealed class ConnectPanelTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_Made_CarryATokenOfOneAgentOfOneRoom()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());

        await panel.Find(".connect-form").SubmitAsync();

        var token = await TokenAsync(panel);
        var caller = (await bench.Engine.Access.AuthenticateAsync(token, Cancel)).Value;
        var info = Assert.Single((await bench.Engine.Tokens.ListAsync(bench.Owner, Cancel)).Value, info => info.Label == "Claude Code in r");
        Assert.Equal("rooms:r:agent:claude", info.Scope);
        Assert.NotNull(info.ExpiresAt);
        Assert.Equal(ErrorCode.ScopeDenied, (await bench.Engine.Rooms.CreateAsync(caller, new("x", null, null), Cancel)).Error!.Code);
        Assert.Contains("Waiting for claude", panel.Find(".arrival").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ChangedAfterwards_KeepsTheToken()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());
        await panel.Find(".connect-form").SubmitAsync();
        var token = await TokenAsync(panel);

        foreach (var client in ConnectClients.All)
        {
            await panel.Find($"input[value={client.Id}]").ChangeAsync(new ChangeEventArgs { Value = client.Id });

            Assert.Contains(token, System.Net.WebUtility.HtmlDecode(Uri.UnescapeDataString(panel.Find(".setup-steps").OuterHtml)), StringComparison.Ordinal);
        }

        Assert.Single((await bench.Engine.Tokens.ListAsync(bench.Owner, Cancel)).Value, info => info.Scope == "rooms:r:agent:claude");
    }

    [Fact]
    public async Task Agent_ThatActs_TurnsTheCardGreen()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());
        await panel.Find(".connect-form").SubmitAsync();
        var agent = (await bench.Engine.Access.AuthenticateAsync(await TokenAsync(panel), Cancel)).Value;

        await bench.Engine.Context.ReadAsync(agent, "r", Sync.Engine.Reads.Context.ContextShape.Parse([]).Value, Cancel);
        await panel.WaitForAssertionAsync(() => Assert.Contains("claude is connected", panel.Find(".arrival").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        using var body = System.Text.Json.JsonDocument.Parse("""{"body":"here"}""");
        Assert.Null((await bench.Engine.Actions.InvokeAsync(agent, "r", "_send_message", new() { Params = body.RootElement.Clone() }, Cancel)).Error);
        var model = await bench.ModelOnceAsync(model => model.MessageCount > 0);
        panel.Render(parameters => parameters.Add(shown => shown.Model, model));

        Assert.Contains("claude works here", panel.Find(".arrival-working").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(panel.FindAll(".arrival-working a.primary-button"));
    }

    [Fact]
    public async Task StartedOver_BeforeAnythingCame_RevokesTheToken()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());
        await panel.Find(".connect-form").SubmitAsync();
        var token = await TokenAsync(panel);

        await panel.FindAll(".arrival button").Single(button => button.TextContent.Contains("start over", StringComparison.Ordinal)).ClickAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".connect-form")));
        Assert.Equal(ErrorCode.InvalidToken, (await bench.Engine.Access.AuthenticateAsync(token, Cancel)).Error!.Code);
        Assert.DoesNotContain(token, panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_ThatIsSomebodyElses_IsRefusedBeforeThereIsAToken()
    {
        await using var bench = await RoomBench.OpenAsync();
        Assert.Null((await bench.Engine.Access.MintAsync("hugo", "rooms:*", label: null, expiresIn: null, Cancel)).Error);
        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());

        await panel.Find(".connect-form .connect-name input").InputAsync("hugo");
        await panel.Find(".connect-form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.Contains("'hugo'", panel.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain((await bench.Engine.Tokens.ListAsync(bench.Owner, Cancel)).Value, info => info.AgentId == "hugo");
    }

    [Fact]
    public async Task Room_ThatIsOnlyReadByALink_OffersNothing()
    {
        await using var bench = await RoomBench.OpenAsync();
        bench.Sit(await bench.ReaderAsync());

        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());

        await panel.WaitForAssertionAsync(() => Assert.Contains("You cannot connect an agent here", panel.Markup, StringComparison.Ordinal));
        Assert.Empty(panel.FindAll("form"));
        Assert.Empty(panel.FindAll("input"));
    }

    [Fact]
    public async Task Room_OfTheServersOwnAudience_OffersNothing()
    {
        await using var bench = await RoomBench.OpenAsync();
        bench.Sit(Caller.SystemReader("r"));

        var panel = bench.Show<ConnectPanel>(await bench.ModelAsync());

        await panel.WaitForAssertionAsync(() => Assert.Contains("You cannot connect an agent here", panel.Markup, StringComparison.Ordinal));
        Assert.Empty(panel.FindAll("form"));
    }

    private static async Task<string> TokenAsync(IRenderedComponent<ConnectPanel> panel)
    {
        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".setup-code")));
        var line = string.Join('\n', panel.FindAll(".setup-code").Select(code => code.TextContent));
        var at = line.IndexOf("tok_", StringComparison.Ordinal);
        return new string([.. line[at..].TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')]);
    }
}
