using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;
using Sync.Web.Components.Layout.Snackbars;

namespace Sync.Web.Tests.Components.Layout;

/// <summary>Notes: MudBlazor's service, drawn without style elements.</summary>
public sealed class SnackbarTests : BunitContext
{
    private readonly FakeTimeProvider _time = new();

    public SnackbarTests()
    {
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddScoped<SnackbarService>();
        Services.AddScoped<SnackbarNotes>();
        Services.AddScoped<ISnackbar>(scope => scope.GetRequiredService<SnackbarNotes>());
    }

    private ISnackbar Snackbar => Services.GetRequiredService<ISnackbar>();

    [Fact]
    public void Note_Added_IsDrawnAsTextWithoutAStyleElement()
    {
        var host = Render<SnackbarHost>();

        host.InvokeAsync(() => Snackbar.Add("Accepted <b>it</b>."));

        Assert.Equal("Accepted <b>it</b>.", host.WaitForElement(".snackbar-text").TextContent);
        Assert.DoesNotContain("<style", host.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Note_WithAnAction_RunsItOnceAndGoes()
    {
        var undone = 0;
        var host = Render<SnackbarHost>();
        await host.InvokeAsync(() => Snackbar.Add("Accepted.", Severity.Success, options =>
        {
            options.Action = "Undo";
            options.OnClick = _ =>
            {
                undone++;
                return Task.CompletedTask;
            };
        }));

        await host.WaitForElement(".snackbar-action").ClickAsync(new());

        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".snackbar")));
        Assert.Equal(1, undone);
    }

    [Fact]
    public async Task Note_AfterItsTime_Goes()
    {
        var host = Render<SnackbarHost>();
        await host.InvokeAsync(() => Snackbar.Add("Saved.", Severity.Normal, options => options.VisibleStateDuration = 4_000));
        host.WaitForElement(".snackbar");

        _time.Advance(TimeSpan.FromSeconds(5));

        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".snackbar")));
    }

    [Fact]
    public async Task Note_ThatIsPointedAt_StaysUntilItIsLeft()
    {
        var host = Render<SnackbarHost>();
        await host.InvokeAsync(() => Snackbar.Add("Saved.", Severity.Normal, options => options.VisibleStateDuration = 4_000));
        await host.WaitForElement(".snackbar").TriggerEventAsync("onmouseenter", new Microsoft.AspNetCore.Components.Web.MouseEventArgs());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(host.FindAll(".snackbar"));

        await host.Find(".snackbar").TriggerEventAsync("onmouseleave", new Microsoft.AspNetCore.Components.Web.MouseEventArgs());
        _time.Advance(TimeSpan.FromSeconds(5));

        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".snackbar")));
    }

    [Fact]
    public async Task Note_Closed_Goes()
    {
        var host = Render<SnackbarHost>();
        await host.InvokeAsync(() => Snackbar.Add("Saved.", Severity.Error, options => options.RequireInteraction = true));

        await host.WaitForElement("[aria-label=Close]").ClickAsync(new());

        host.WaitForAssertion(() => Assert.Empty(host.FindAll(".snackbar")));
    }
}
