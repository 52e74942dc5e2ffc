using System.Globalization;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.FirstTry;

/// <summary>What somebody who never saw the server tries first is accepted and does what was meant, or is answered with an advice that, applied literally, does.</summary>
public sealed class FirstTryTests(SyncHost host)
{
    private static readonly Dictionary<string, Intent> s_intents = IntentFile.ReadAll().ToDictionary(intent => intent.Name);

    public static TheoryData<string, string> Tries
    {
        get
        {
            var tries = new TheoryData<string, string>();
            foreach (var intent in s_intents.Values)
            {
                foreach (var door in (string[])[.. intent.Http.Count > 0 ? ["http"] : (string[])[], .. intent.Mcp.Count > 0 ? ["mcp"] : (string[])[]])
                {
                    tries.Add(intent.Name, door);
                }
            }

            return tries;
        }
    }

    [Theory]
    [MemberData(nameof(Tries))]
    public async Task Intent_OfANewcomer_SucceedsAtOnceOrByTheAdvice(string intent, string door)
    {
        var run = new IntentRun(host, s_intents[intent], door);

        var course = await run.RunAsync();

        TestContext.Current.AddAttachment("course", course.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FIRST TRY {course} {door} {intent}"));
        Assert.True(course != Course.Failed, run.Record);
    }
}
