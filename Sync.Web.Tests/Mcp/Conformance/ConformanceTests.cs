using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp.Conformance;

/// <summary>
/// The protocol's own conformance suite against the whole app: the same pipeline, with the suite's fixtures added and a bearer token put into its requests, which carry none.
/// </summary>
public sealed partial class ConformanceTests(ConformanceSuite suite) : IClassFixture<ConformanceSuite>
{
    /// <summary>Scenarios that fail for reasons that are the SDK's, by version, with the reason. One that passes must be taken out.</summary>
    private static readonly Dictionary<string, string[]> s_known = new()
    {
        ["2025-11-25"] = [],
        ["2026-07-28"] = [],
    };

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Suite_OfAVersion_Passes(string version)
    {
        await suite.InstalledAsync();
        var token = "";
        await using var host = new SyncHost([], services =>
        {
            services.AddSingleton<IStartupFilter>(new BearerFilter(() => token));
            services.PostConfigure<McpServerOptions>(Extend);
        });
        await host.InitializeAsync();
        token = await host.MintAsync("suite");

        var output = await suite.RunAsync(new Uri(host.Address, "/mcp"), version);

        TestContext.Current.TestOutputHelper?.WriteLine(output);
        if (Environment.GetEnvironmentVariable("SYNC_CONFORMANCE_LOG") is { Length: > 0 } log)
        {
            await File.WriteAllTextAsync($"{log}-{version}.txt", output, TestContext.Current.CancellationToken);
        }

        // Extensions and what is pending are run, and not counted.
        var scored = output.Split("Not scored for")[0];
        var unscored = Unscored().Matches(output).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var failed = Failed().Matches(scored).Select(match => match.Groups[1].Value).Where(name => !unscored.Contains(name)).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(s_known[version], failed);
        Assert.Matches(Summary(), output);
    }

    private static void Extend(McpServerOptions options)
    {
        // Collections of their own: the app's are shared by all hosts.
        options.ToolCollection = Both(options.ToolCollection, Fixtures.Tools);
        options.PromptCollection = Both(options.PromptCollection, Fixtures.Prompts);

        options.ResourceCollection ??= [];
        foreach (var resource in Fixtures.Resources)
        {
            options.ResourceCollection.Add(resource);
        }

        var subscribe = options.Handlers.SubscribeToResourcesHandler!; // The app has both.
        var unsubscribe = options.Handlers.UnsubscribeFromResourcesHandler!;
        options.Handlers.SubscribeToResourcesHandler = (request, cancellationToken) =>
            request.Params.Uri.StartsWith("test://", StringComparison.Ordinal) ? new(new EmptyResult()) : subscribe(request, cancellationToken);
        options.Handlers.UnsubscribeFromResourcesHandler = (request, cancellationToken) =>
            request.Params.Uri.StartsWith("test://", StringComparison.Ordinal) ? new(new EmptyResult()) : unsubscribe(request, cancellationToken);
#pragma warning disable MCP9005 // The older version of the suite asks for it.
        options.Handlers.SetLoggingLevelHandler = (_, _) => new(new EmptyResult());
#pragma warning restore MCP9005
    }

    private static McpServerPrimitiveCollection<T> Both<T>(IEnumerable<T>? ours, IEnumerable<T> theirs)
        where T : IMcpServerPrimitive
    {
        var both = new McpServerPrimitiveCollection<T>();
        foreach (var primitive in (ours ?? []).Concat(theirs))
        {
            both.Add(primitive);
        }

        return both;
    }

    [GeneratedRegex(@"^\s*✗ ([a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex Failed();

    [GeneratedRegex(@"^\s*[✗✓] ([a-z0-9-]+) \((?:extension|pending)\)", RegexOptions.Multiline)]
    private static partial Regex Unscored();

    [GeneratedRegex(@"Total: \d+ passed")]
    private static partial Regex Summary();

    private sealed class BearerFilter(Func<string> token) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, pass) =>
            {
                http.Request.Headers.Authorization = "Bearer " + token();
                return pass(http);
            });
            next(app);
        };
    }
}
