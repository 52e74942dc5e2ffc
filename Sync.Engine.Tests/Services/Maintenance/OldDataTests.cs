using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Services.Maintenance;

namespace Sync.Engine.Tests.Services.Maintenance;

/// <summary>
/// A data folder and an export that the server of commit b7eb943 has written: whole values in every event, a version with each, by a rule that read large integers as doubles. What it answered of them is kept beside it.
/// It opens and answers the same. The room <c>deep</c> is one that server could not read again itself.
/// </summary>
public sealed class OldDataTests
{
    // Their versions were those of a rounded number, or left a member out; today's are their own.
    private static readonly string[] s_versionedAnew = ["big", "bigger", "twins"];

    [Fact]
    public async Task DataFolder_OfAnEarlierServer_AnswersTheSame()
    {
        await using var host = await OpenAsync();
        var room = await host.LoadedAsync("old");
        var expected = Expected(host);

        Assert.Equal(expected["seq"].Number(), room.Published.Seq);
        foreach (var (seq, state) in expected["states"]!.AsObject())
        {
            AssertState(state!, await host.Engine.Directory.ReadStateAsync(room.Record.Row, long.Parse(seq, CultureInfo.InvariantCulture), EngineHost.Cancel));
        }

        foreach (var (key, history) in expected["histories"]!.AsObject())
        {
            var now = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "old", "_shared", key, null, 100, EngineHost.Cancel)).Value)["history"]!.AsArray();
            Assert.Equal(history!.AsArray().Select(step => Step(step!, key)), now.Select(step => Step(step!, key)));
        }

        Assert.Equal(expected["messages"].Number(), (await host.ContextAsync(host.Owner, "old", "peek=true"))["messages"]!["count"].Number());
        foreach (var view in new[] { "size", "longview" })
        {
            Assert.Equal(expected["views"]![view].Number(), (await host.EvalAsync(host.Owner, "old", $"views[\"{view}\"]")).Number());
        }

        Assert.Empty(room.Published.Degraded);
    }

    [Fact]
    public async Task DataFolder_OfAnEarlierServer_IsWrittenOn()
    {
        await using var host = await OpenAsync();
        var version = (await host.LoadedAsync("old")).Published.Find("_shared", "bigger")!.Version;
        await host.RegisterAsync(host.Owner, "old", """{"id":"swap","params":{"key":{},"v":{},"version":{}},"writes":[{"key":"${params.key}","value":"${params.v}","if_version":"${params.version}"}]}""");

        Assert.Equal("version_conflict", (await host.RefusedAsync(host.Owner, "old", "swap", $$"""{"key":"big","v":1,"version":"{{CanonicalJson.Version(JsonText.Of(EngineHost.Json("9007199254740992")))}}"}""")).Code.Name);
        await host.InvokeAsync(host.Owner, "old", "swap", $$"""{"key":"bigger","v":1,"version":"{{version}}"}""");
        await host.InvokeAsync(host.Owner, "old", "append", """{"key":"list","v":"new"}""");
        await host.RestartAsync();

        JsonAssert.Equal("\"new\"", await host.EvalAsync(host.Owner, "old", "state._shared.list[size(state._shared.list) - 1]"));
        var history = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "old", "_shared", "list", null, 3, EngineHost.Cancel)).Value)["history"]!.AsArray();
        Assert.Equal([44, 43, 42], history.Select(step => step!["value"]!.AsArray().Count));
    }

    [Fact]
    public async Task Export_OfAnEarlierServer_IsImportedAndAnswersTheSame()
    {
        await using var host = await OpenAsync();
        var expected = Expected(host);
        using (var file = File.OpenRead(Path.Combine(host.Directory, "old.jsonl")))
        {
            Assert.Equal(expected["seq"].Number(), (await RoomImport.RunAsync(host.Engine.Database, file, "copy", EngineHost.Cancel)).Value.Events);
        }

        var row = (await host.Engine.Database.Rooms.LoadAllAsync(EngineHost.Cancel)).Single(room => room.Id == "copy").Row;
        AssertState(expected["states"]!.AsObject().Last().Value!, await host.Engine.Directory.ReadStateAsync(row, long.MaxValue, EngineHost.Cancel));
    }

    [Fact]
    public async Task Room_ThatWasTooDeepToBeRead_OpensWithWhatLiesDeeperLeftOut()
    {
        await using var host = await OpenAsync();

        for (var round = 0; round < 2; round++)
        {
            var room = await host.LoadedAsync("deep");
            var context = (await host.Engine.Context.ReadAsync(host.Owner, "deep", EngineHost.Shape("depth=full&meta=true&include=_audit,_messages"), EngineHost.Cancel)).Value;
            Assert.InRange(JsonRules.Depth(context.Span), 50, 62);
            Assert.Contains("degraded_entry", System.Text.Encoding.UTF8.GetString(context.Span), StringComparison.Ordinal);
            Assert.Contains(new StateKey("dora", "well"), room.Published.Degraded.Keys);
            Assert.Contains(new StateKey("_shared", "w"), room.Published.Degraded.Keys);
            using var copy = new MemoryStream();
            Assert.Equal(room.Published.Seq, (await host.Engine.History.ExportAsync(host.Owner, "deep", copy, EngineHost.Cancel)).Value);
            Assert.InRange((await host.Engine.History.AuditAsync(host.Owner, "deep", new AuditQuery(0, 200, null, null, null), EngineHost.Cancel)).Value.Length, 1, 1_000_000);
            await host.Engine.Database.Rooms.SaveSnapshotAsync(room.Record.Row, room.Published.Seq, SnapshotJson.Write(room.Published), EngineHost.Cancel);
            await host.RestartAsync();
        }

        var report = Sync.Engine.Services.Maintenance.Maintenance.Check(host.Directory).Value;
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        Assert.Contains(report.Notes, note => note.Contains("'deep': 'w' in '_shared'", StringComparison.Ordinal));
    }

    private static readonly System.Text.RegularExpressions.Regex s_singleRecipient = new("(\"to\":)(\"[^\"]*\")", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(10));

    private static async Task<EngineHost> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sync-old-").FullName;
        await using (var resource = typeof(OldDataTests).Assembly.GetManifestResourceStream("b7eb943.zip")!)
        using (var zip = new ZipArchive(resource))
        {
            foreach (var entry in zip.Entries)
            {
                entry.ExtractToFile(Path.Combine(folder, entry.Name));
            }
        }

        return await EngineHost.StartAsync(directory: folder);
    }

    private static JsonObject Expected(EngineHost host) => JsonNode.Parse(File.ReadAllText(Path.Combine(host.Directory, "expected.json")), documentOptions: new() { MaxDepth = 1_000 })!.AsObject();

    private static void AssertState(JsonNode expected, RoomState state)
    {
        Assert.Equal(expected.Names().Order(StringComparer.Ordinal), state.ScopeNames);
        foreach (var scope in state.Scopes.Values)
        {
            Assert.Equal(expected[scope.Name]!.Names(), scope.Entries.Keys);
            foreach (var entry in scope.Entries.Values)
            {
                var old = expected[scope.Name]![entry.Key]!;
                // A single recipient was a text once; it is read as a list.
                var text = scope.Name == "_messages" ? s_singleRecipient.Replace(old["text"].Text(), "$1[$2]") : old["text"].Text();
                Assert.Equal(text, entry.Value.ToString());
                Assert.Equal(
                    (old["revision"].Number(), old["seq"].Number(), old["writer"]?.Text(), old["via"]?.Text(), old["at"].Number()),
                    (entry.Revision, entry.Seq, entry.Writer, entry.Via, entry.UpdatedAt.ToUnixTimeMilliseconds()));
                Assert.Equal(text == old["text"].Text() && (scope.Name != "_shared" || !s_versionedAnew.Contains(entry.Key)), old["version"].Text() == entry.Version);
            }
        }
    }

    private static string Step(JsonNode step, string key)
    {
        var shown = step.DeepClone().AsObject();
        if (s_versionedAnew.Contains(key))
        {
            shown.Remove("version");
        }

        return shown.ToJsonString();
    }
}
