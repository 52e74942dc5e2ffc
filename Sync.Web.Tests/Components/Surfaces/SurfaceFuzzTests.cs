using System.Collections.Immutable;
using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>
/// Every type of surface over values and hints that were made to break it. No card throws, boundary or not, and none sends more than a page should get; a board of all of them
/// stays bounded too.
/// </summary>
public sealed class SurfaceFuzzTests : BunitContext
{
    // What one card may send: its texts, and markup around them.
    private const int MaxPerCard = 160_000;
    private const int MaxPerBoard = 4_000_000;

    private static readonly string[] s_types =
    [
        "metric", "markdown", "feed", "view-table", "array-table", "view-grid", "action-bar", "action-form", "action-choice", "watch", "section", "json", "chart", "no-such-type",
    ];

    private static readonly string s_million = new('x', 1_000_000);

    public SurfaceFuzzTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
        Services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
    }

    public static TheoryData<string> Types { get; } = [.. s_types];

    private static IReadOnlyList<string> Values { get; } =
    [
        "null", "true", "0", "-0", "1e400", "-1e400", "1e-400", "12345678901234567890123456789", "[1e308,-1e308]", "[1e400,1,2]", "{\"a\":1e308,\"b\":-1e308}", "[]", "{}", "\"\"",
        "[[[]],{},null]", "{\"a\":{\"b\":{}}}", "{\"a\":1,\"a\":{\"x\":1}}", "[{\"id\":null,\"title\":[],\"status\":{},\"at\":1}]",
        Deep("[", "]", 63), Deep("{\"a\":", "}", 63, "1"), Deep("[", "]", 300), Deep("[", "]", 5_000), "not json", "{\"a\":", "",
        "\"\\ud800\"", "[\"\\udc00x\",{\"\\ud83d\":\"\\ud800\"}]", "{\"\\ud800\":{\"\\udfff\":\"\\ud800\\ud800\"}}", "\"\\u202eevil\\u2066\\u200b\\u0000\"", "[{\"status\":\"\\u202eevil\",\"name\":\"\\u2067\"}]",
        "[{\"at\":\"9999-12-31T23:59:59.9999999Z\",\"who\":\"a\"},{\"at\":\"0001-01-01T00:00:00+14:00\"},{\"at\":\"never\"}]",
        $"\"{s_million}\"", $"[\"{s_million}\",\"{s_million}\"]", $"{{\"{s_million}\":\"{s_million}\",\"status\":\"{s_million}\"}}", $"{{\"a\":{{\"{s_million}\":1,\"b\":\"{s_million}\"}}}}",
        $"[{{\"label\":\"{s_million}\",\"value\":1,\"at\":\"{s_million}\",\"who\":\"{s_million}\"}},{{\"value\":2}}]",
        Many("[", i => $"{i}", "]", 100_000), Many("{", i => $"\"k{i}\":{i}", "}", 20_000), Many("[", i => $"{{\"a\":{i},\"b\":\"{new string('y', 200)}\",\"c\":[{i}],\"status\":\"s{i}\"}}", "]", 2_000),
        Many("{", i => $"\"k{i}\":{{\"f{i}\":{i}}}", "}", 5_000), Many("[", i => $"\"{new string('z', 3_000)}\"", "]", 300), Many("[", i => "[[[[]]]]", "]", 50_000),
        Text(new string('>', 3_000)), Text(string.Concat(Enumerable.Repeat("- ", 2_000)) + "a"), Text(string.Concat(Enumerable.Repeat("1. ", 2_000)) + "a"), Text(new string('[', 20_000)),
        Text(string.Concat(Enumerable.Repeat("*a **b ", 3_000))), Text(new string('*', 30_000) + "a"), Text("|" + string.Concat(Enumerable.Repeat("a|", 200)) + "\n|" + string.Concat(Enumerable.Repeat("-|", 200)) + "\n" + string.Concat(Enumerable.Repeat("|a|\n", 3_000))),
        Text(string.Concat(Enumerable.Range(0, 180).Select(i => new string(' ', 2 * i) + "- a\n"))), Text("```mermaid\n" + new string('a', 50_000)), Text("<script>alert(1)</script>\n<img src=x onerror=alert(1)>"),
    ];

    private static IReadOnlyList<string> Hints { get; } =
    [
        "",
        ",\"label\":null,\"order\":1e400,\"group\":5,\"columns\":\"x\",\"max_rows\":-1,\"limit\":1e400,\"kinds\":1,\"keys\":{},\"actions\":true,\"action\":[],\"param\":{},\"views\":[[]],\"surfaces\":7,\"format\":{},\"unit\":[],\"temporal\":\"yes\",\"compose\":1",
        ",\"max_rows\":1e9,\"limit\":1e9,\"layout\":\"event-log\",\"columns\":[null,1,{},{\"key\":\"a\",\"truncate\":1,\"width\":1e9},{\"key\":\"a\"},\"a\",\"\"],\"keys\":[\"\",\".\",\"*\",\"_shared.*\",\"state.\",\"_shared.phase\",\"_shared.phase\"],\"views\":[\"v\",\"v\",\"section-a\",\"section-b\",\"none\"],\"actions\":[\"vote\",\"vote\",{\"action\":\"vote\",\"params\":{\"choice\":{\"a\":1},\"x\":null}},{},null],\"format\":\"duration\",\"kind\":\"bar\",\"compose\":true,\"temporal\":true",
        $",\"max_rows\":500,\"label\":\"{new string('l', 100_000)}\",\"unit\":\"{new string('u', 100_000)}\",\"group\":\"{new string('g', 100_000)}\",\"format\":\"currency\",\"columns\":[{string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"c{i}\""))}],\"keys\":[{string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"k{i}\""))}],\"actions\":[{string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"{{\"action\":\"a{i}\",\"label\":\"{new string('n', 50)}\"}}"))}],\"views\":[{string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"v{i}\""))}]",
        ",\"action\":\"hostile\",\"param\":\"choice\",\"label\":\"\\u202eevil\\ud800\",\"unit\":\"\\u202e\",\"description\":\"\\ud800\",\"keys\":[\"_shared.million\",\"_shared.deep\",\"_shared.broken\"]",
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Card_OfAnyType_OverHostileValuesAndHints_NeitherThrowsNorGrows(string type)
    {
        for (var i = 0; i < Values.Count; i++)
        {
            var value = Values[i];

            // Large values with two of the hints each, small ones with all.
            foreach (var hint in Hints.Where((_, n) => value.Length < 50_000 || n == 0 || n == 1 + i % (Hints.Count - 1)))
            {
                var view = RoomPageModels.View("v", value, $"{{\"type\":\"{type}\"{hint}}}");
                string markup;
                try
                {
                    using var card = Render<SurfaceCard>(parameters => parameters.Add(p => p.Model, Hostile(view)).Add(p => p.View, view));
                    markup = card.Markup;
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"{type} over {Shown(value)} with {Shown(hint)}: {e.Message}", e);
                }

                Assert.True(markup.Length <= MaxPerCard, $"{type} over {Shown(value)} with {Shown(hint)} sends {markup.Length} characters");
            }
        }
    }

    [Fact]
    public void Board_OfEverythingAtOnce_StaysBounded()
    {
        var views = s_types.SelectMany(type => Values.Select((value, i) => RoomPageModels.View($"{type}-{i}", value, $"{{\"type\":\"{type}\"{Hints[i % Hints.Count]}}}"))).ToImmutableArray();
        var model = Hostile([.. views]) with { Entries = [RoomPageModels.Entry("_shared", "_dashboard", "{\"tabs\":[{\"id\":\"a\",\"surfaces\":[\"json-1\"]},{\"id\":\"a\",\"surfaces\":[\"json-2\"]}],\"title\":\"\\ud800\"}")] };

        var board = Render<SurfaceBoard>(parameters => parameters.Add(p => p.Model, model));

        Assert.InRange(board.Markup.Length, 1, MaxPerBoard);
        Assert.Empty(board.FindAll(".part-failed"));
        Assert.Empty(board.FindAll("script, img"));
    }

    [Fact]
    public void Sections_ThatListOneAnother_DrawNoMoreThanTheirAllowance()
    {
        var names = Enumerable.Range(0, 50).Select(i => $"s{i}").ToList();
        var views = names.Select(name => RoomPageModels.View(name, "1", $"{{\"type\":\"section\",\"views\":{JsonSerializer.Serialize(names)}}}")).ToImmutableArray();
        var model = RoomPageModels.Of(views);

        var card = Render<SurfaceCard>(parameters => parameters.Add(p => p.Model, model).Add(p => p.View, views[0]));

        Assert.InRange(card.FindAll("article").Count, 2, 60);
        Assert.Contains("more", card.Find(".more-note").TextContent, StringComparison.Ordinal);
    }

    private static RoomPageModel Hostile(params ViewModel[] views) => s_hostile with { Views = [.. views, .. s_hostile.Views] };

    private static readonly RoomPageModel s_hostile = RoomPageModels.Of(
        [RoomPageModels.View("section-a", "1", "{\"type\":\"section\",\"views\":[\"section-b\",\"section-a\",\"v\"]}"), RoomPageModels.View("section-b", "1", "{\"type\":\"section\",\"views\":[\"section-a\",\"v\"]}")]) with
    {
        Entries = [RoomPageModels.Entry("_shared", "phase", "\"draft\""), RoomPageModels.Entry("_shared", "million", $"\"{s_million}\""), RoomPageModels.Entry("_shared", "deep", Deep("[", "]", 5_000)), RoomPageModels.Entry("_shared", "broken", "{\"a\":")],
        Messages = [.. Enumerable.Range(1, 100).Select(i => RoomPageModels.Message(i, i % 2 == 0 ? "chat" : "\u202etask", i % 10 == 0 ? s_million : "\ud800", [.. Enumerable.Range(0, i % 7 == 0 ? 5_000 : 1).Select(n => $"agent{n}")]))],
        Actions =
        [
            RoomPageModels.Action("vote", """{"id":"vote","params":{"choice":{"type":"string","enum":["yes","no"],"required":true}}}"""),
            RoomPageModels.Action("hostile", $"{{\"id\":\"hostile\",\"params\":{{{string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"\"p{i}\":{{\"type\":\"string\",\"description\":\"{new string('d', 300)}\"}}"))},\"p1\":5,\"choice\":{{\"enum\":[{string.Join(',', Enumerable.Range(0, 5_000))}],\"pattern\":\"{s_million}\",\"description\":\"{s_million}\"}}}}}}"),
            RoomPageModels.Action("broken", "{\"id\":"),
        ],
    };

    private static string Deep(string open, string close, int levels, string inner = "") =>
        string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));

    private static string Many(string open, Func<int, string> item, string close, int count) => open + string.Join(',', Enumerable.Range(0, count).Select(item)) + close;

    private static string Text(string text) => JsonSerializer.Serialize(text);

    private static string Shown(string text) => text.Length <= 80 ? text : $"{text[..80]}… ({text.Length})";
}
