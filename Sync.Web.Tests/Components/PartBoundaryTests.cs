using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components;

/// <summary>What fails stops alone, and comes back.</summary>
public sealed class PartBoundaryTests : BunitContext
{
    private readonly Collected _log = new();

    public PartBoundaryTests() => Services.AddSingleton<ILogger<PartBoundary>>(_log);

    [Fact]
    public void Part_ThatThrows_SaysSoCalmlyAndLeavesItsNeighbour()
    {
        var page = Render(Two("first", fail: true));

        Assert.Contains("Weather cannot be shown at the moment", page.Find(".part-failed").TextContent, StringComparison.Ordinal);
        Assert.Equal("fine", page.Find(".neighbour").TextContent);
        Assert.DoesNotContain("hunter2", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Part_ThatFailed_TriesAgainWhenWhatItShowsIsAnother()
    {
        var shown = new object();
        var part = Render<PartBoundary>(parameters => parameters.Add(p => p.Name, "Weather").Add(p => p.Of, shown).Add(p => p.ChildContent, Fragile(fail: true)));
        part.Render(parameters => parameters.Add(p => p.Of, shown).Add(p => p.ChildContent, Fragile(fail: false)));
        Assert.NotEmpty(part.FindAll(".part-failed"));

        part.Render(parameters => parameters.Add(p => p.Of, new object()).Add(p => p.ChildContent, Fragile(fail: false)));

        Assert.Empty(part.FindAll(".part-failed"));
        Assert.Equal("fine", part.Find("p").TextContent);
    }

    [Fact]
    public void Part_ThatFailed_TriesAgainWhenAsked()
    {
        var part = Render<PartBoundary>(parameters => parameters.Add(p => p.Name, "Weather").Add(p => p.Of, this).Add(p => p.ChildContent, Fragile(fail: true)));
        part.Render(parameters => parameters.Add(p => p.ChildContent, Fragile(fail: false)));

        part.Find(".part-failed button").Click();

        Assert.Equal("fine", part.Find("p").TextContent);
    }

    [Fact]
    public void Part_ThatFailsOnEveryChange_IsLoggedOnceAndWithoutTheValue()
    {
        var part = Render<PartBoundary>(parameters => parameters.Add(p => p.Name, "Weather").Add(p => p.Of, new object()).Add(p => p.ChildContent, Fragile(fail: true)));
        for (var i = 0; i < 300; i++)
        {
            part.Render(parameters => parameters.Add(p => p.Of, new object()).Add(p => p.ChildContent, Fragile(fail: true)));
        }

        Assert.NotEmpty(part.FindAll(".part-failed"));
        var line = Assert.Single(_log.Lines);
        Assert.Contains("InvalidOperationException", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);
    }

    private static RenderFragment Two(string of, bool fail) => builder =>
    {
        builder.OpenComponent<PartBoundary>(0);
        builder.AddComponentParameter(1, nameof(PartBoundary.Name), "Weather");
        builder.AddComponentParameter(2, nameof(PartBoundary.Of), of);
        builder.AddComponentParameter(3, nameof(PartBoundary.ChildContent), Fragile(fail));
        builder.CloseComponent();
        builder.AddMarkupContent(4, "<p class=\"neighbour\">fine</p>");
    };

    private static RenderFragment Fragile(bool fail) => builder =>
    {
        builder.OpenComponent<FragilePart>(0);
        builder.AddComponentParameter(1, nameof(FragilePart.Fail), fail);
        builder.CloseComponent();
    };

    /// <summary>A part that throws when told to.</summary>
    public sealed class FragilePart : ComponentBase
    {
        /// <summary>Whether to throw.</summary>
        [Parameter]
        public bool Fail { get; set; }

        /// <inheritdoc/>
        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (Fail)
            {
                throw new InvalidOperationException("The value hunter2 cannot be drawn.");
            }

            builder.AddMarkupContent(0, "<p>fine</p>");
        }
    }

    private sealed class Collected : ILogger<PartBoundary>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception) + exception);
    }
}
