using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Cel.Tests;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Docs;

/// <summary>The <c>curl</c> lines of the documents that a newcomer follows are sent as they stand, in their order.</summary>
public sealed partial class CurlTests(SyncHost host)
{
    [Theory]
    [InlineData("docs/quick-start.md", 5)]
    [InlineData("README.md", 7)]
    public async Task Lines_OfADocument_WorkInTheirOrder(string document, int least)
    {
        var client = await host.UserAsync();
        var id = SyncHost.NewName("curl");
        var text = (await File.ReadAllTextAsync(RepositoryFolder.At(document.Split('/')), TestContext.Current.CancellationToken)).Replace("\\\n", " ", StringComparison.Ordinal);
        var lines = Curl().Matches(text);
        Assert.True(lines.Count >= least, $"Only {lines.Count} lines were found.");

        foreach (Match line in lines)
        {
            var call = line.Value;
            var path = Address().Match(call).Groups[1].Value.Replace("my-room", id, StringComparison.Ordinal);
            var body = Body().Match(call) is { Success: true } sent ? JsonElement.Parse(sent.Groups[1].Value.Replace("my-room", id, StringComparison.Ordinal)) : (JsonElement?)null;
            var query = Query().Match(call) is { Success: true } asked ? $"?{asked.Groups[1].Value}={Uri.EscapeDataString(asked.Groups[2].Value)}" : "";
            var reply = call.Contains("-X POST", StringComparison.Ordinal) ? await client.PostAsync(path, body ?? JsonElement.Parse("{}")) : await client.GetAsync(path + query);

            Assert.True(reply.Status is 200 or 201, $"{call}: {reply.Status} {reply.Text}");
            Assert.False(path.EndsWith("/wait", StringComparison.Ordinal) && !reply["triggered"].GetBoolean(), $"{call}: {reply.Text}");
        }
    }

    // To the line's end, or to that of the quoted text which it ends in.
    [GeneratedRegex(@"^curl [^'\n]*('[^']*'[^'\n]*)*$", RegexOptions.Multiline)]
    private static partial Regex Curl();

    [GeneratedRegex(@"http://localhost:5080(\S*)")]
    private static partial Regex Address();

    [GeneratedRegex(@"-d '([^']*)'")]
    private static partial Regex Body();

    [GeneratedRegex(@"--data-urlencode '([a-z]+)=([^']*)'")]
    private static partial Regex Query();
}
