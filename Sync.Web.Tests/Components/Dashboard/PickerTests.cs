using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>The pickers of the editors: each is a change of JSON text, in which everything else stays.</summary>
public sealed class PickerTests : BunitContext
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("  ", "{}")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("[1]", null)]
    [InlineData("{\"a\":", null)]
    [InlineData("\"text\"", null)]
    public void Object_OfText_IsReadOrLeftAlone(string text, string? expected) => Assert.Equal(expected, JsonPick.Object(text)?.ToJsonString());

    [Theory]
    [InlineData("5", "5")]
    [InlineData("hello", "\"hello\"")]
    [InlineData("${params.n}", "\"${params.n}\"")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("true", "true")]
    [InlineData("", null)]
    [InlineData("{broken", "\"{broken\"")]
    public void Value_Typed_IsJsonWhereItIsSome(string typed, string? expected) => Assert.Equal(expected, JsonPick.Value(typed)?.ToJsonString(s_plain));

    [Theory]
    [InlineData("\"hello\"")]
    [InlineData("\"5\"")]
    [InlineData("\"true\"")]
    [InlineData("\"null\"")]
    [InlineData("\"\"")]
    [InlineData("\"[x\"")]
    [InlineData("5")]
    [InlineData("{\"a\":[1,null]}")]
    public void Value_ShownAndTypedAgain_IsTheSame(string json)
    {
        var value = JsonNode.Parse(json);

        Assert.True(JsonNode.DeepEquals(value, JsonPick.Value(JsonPick.ValueText(value))), JsonPick.ValueText(value));
    }

    [Theory]
    [InlineData("""{"key":"k","value":1,"if_version":""}""", "increment", """{"key":"k","if_version":"","increment":1}""")]
    [InlineData("""{"key":"k","value":{"a":1}}""", "merge", """{"key":"k","merge":{"a":1}}""")]
    [InlineData("""{"key":"k","increment":true}""", "value", """{"key":"k","value":true}""")]
    [InlineData("""{"key":"k","value":"x"}""", "delete", """{"key":"k","delete":true}""")]
    [InlineData("""{"key":"k","value":"x"}""", "append", """{"key":"k","append":true,"value":"x"}""")]
    [InlineData("""{"key":"k","value":"x"}""", "value", """{"key":"k","value":"x"}""")]
    public void Write_WithAnotherMode_KeepsTheRest(string before, string mode, string expected)
    {
        var template = (JsonObject)JsonNode.Parse(before)!; // Text above.

        WriteRow.SetMode(template, mode);

        Assert.Equal(expected, template.ToJsonString());
        Assert.Equal(mode, WriteRow.Of(template).Mode);
    }

    [Fact]
    public void RenderHint_OfAnotherType_LosesOnlyWhatThatTypeDoesNotTake()
    {
        var text = """{"type":"array-table","columns":["a"],"label":"L","max_rows":5,"own":1}""";
        var picker = Render<RenderPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, text).Add(p => p.TextChanged, (string now) => text = now));

        picker.Find("#f-type").Change("metric");

        Assert.Equal("""{"type":"metric","label":"L","own":1}""", Compact(text));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{}", "auto")]
    [InlineData("""{"type":"chart"}""", "chart")]
    [InlineData("""{"type":"hologram"}""", "auto")]
    public void RenderPicker_OfAHint_ShowsItsType(string text, string type)
    {
        var picker = Render<RenderPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, text).Add(p => p.TextChanged, (string _) => { }));

        Assert.Equal(type, picker.Find("#f-type").GetAttribute("value"));
    }

    [Fact]
    public void RenderPicker_OfBrokenJson_LeavesItAlone()
    {
        var picker = Render<RenderPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, "{\"type\":").Add(p => p.TextChanged, (string _) => { }));

        Assert.Empty(picker.FindAll("select"));
    }

    [Fact]
    public void RenderPicker_OfATable_OffersTheColumnsOfItsValue()
    {
        var text = """{"type":"array-table"}""";
        var picker = Render<RenderPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, text).Add(p => p.Value, """[{"title":"x","n":1}]""").Add(p => p.TextChanged, (string now) => text = now));

        picker.Find("[aria-label='Add to Columns']").Change("n");

        Assert.Equal("""{"type":"array-table","columns":["n"]}""", Compact(text));
    }

    [Fact]
    public void ParamsPicker_Changes_KeepWhatTheyDoNotShow()
    {
        var text = """{"title":{"type":"string","max_length":80},"n":"integer"}""";
        var picker = Render<ParamsPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Text, text).Add(p => p.TextChanged, (string now) => text = now));

        picker.Find("#f-0-name").Change("name");
        picker.Render(parameters => parameters.Add(p => p.Text, text));
        picker.Find("#f-0-choices").Change("a, b, 3");
        picker.Render(parameters => parameters.Add(p => p.Text, text));
        picker.Find("[aria-label='Take out the parameter n']").Click();

        Assert.Equal("""{"name":{"type":"string","max_length":80,"enum":["a","b",3]}}""", Compact(text));
    }

    [Fact]
    public void WritesPicker_AddedAndFilledIn_IsAWrite()
    {
        var text = "";
        var picker = Render<WritesPicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Parameters, ["title"]).Add(p => p.Text, text).Add(p => p.TextChanged, (string now) => text = now));

        picker.Find(".copy-button").Click();
        picker.Render(parameters => parameters.Add(p => p.Text, text));
        picker.Find("#f-0-key").Change("phase");

        Assert.Equal("""[{"scope":"_shared","key":"phase","value":"${params.title}"}]""", Compact(text));
        Assert.Contains("phase", picker.FindAll("#f-0-keys option").Select(option => option.GetAttribute("value")));
    }

    [Fact]
    public void GatePicker_Chosen_IsARule()
    {
        var text = "";
        var picker = Render<GatePicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, text).Add(p => p.TextChanged, (string now) => text = now));

        picker.Find("#f-by").Change("owner");
        picker.Render(parameters => parameters.Add(p => p.Text, text));
        picker.Find("#f-minutes").Change("30");

        Assert.Equal("""{"by":"owner","timeout_ms":1800000}""", Compact(text));
    }

    [Fact]
    public void Sources_OfARoom_AreWhatEverybodyReads()
    {
        var model = RoomPageModels.Of() with
        {
            Entries = [RoomPageModels.Entry("_shared", "score", "3"), RoomPageModels.Entry("_shared", "odd key", "\"x\""), RoomPageModels.Entry("ada", "secret", "1"), RoomPageModels.Entry("_tasks", "t1", """{"status":"open"}""")],
        };

        var sources = ViewSources.Of(model);

        Assert.DoesNotContain(sources, source => source.Expression.Contains("ada", StringComparison.Ordinal));
        Assert.Contains(sources, source => source is { Expression: "state._tasks", Group: "Tables" });
        Assert.Contains(sources, source => source is { Expression: "state._tasks.size()", Group: "Numbers" });
        Assert.Contains(sources, source => source.Expression == "state._shared[\"odd key\"]");
        Assert.All(sources, source => Assert.NotNull(JsonPick.Object(source.Hint)));
    }

    [Theory]
    [InlineData("approve", """{"by":"owner"}""")]
    [InlineData("lease", "\"task:${params.id}\"")]
    [InlineData("shares", """["other"]""")]
    [InlineData("reach", "\"all\"")]
    public void Draft_OfAnActionWith_SavedUntouched_KeepsIt(string member, string value)
    {
        var draft = DefinitionDraft.Of(RoomPageModels.Action("a", $$"""{"id":"a","writes":[],"{{member}}":{{value}}}"""));

        Assert.Equal(value, draft.Read()!.Value.GetProperty(member).GetRawText()); // Nothing in it is wrong.
    }

    [Theory]
    [InlineData("", "need", "task:1", "\"task:1\"")]
    [InlineData("\"task:1\"", "need", "task:2", "\"task:2\"")]
    [InlineData("\"task:1\"", "need", "", "")]
    [InlineData("\"task:1\"", "take", "b", """{"need":"task:1","take":"b"}""")]
    [InlineData("""{"take":["a","b"],"note":"n"}""", "end", "c", """{"take":["a","b"],"note":"n","end":"c"}""")]
    [InlineData("""{"take":["a","b"]}""", "take", "[\"a\",\"c\"]", """{"take":["a","c"]}""")]
    [InlineData("""{"take":"a"}""", "minutes", "10", """{"take":"a","ttl_ms":600000}""")]
    [InlineData("""{"take":"a","ttl_ms":5}""", "minutes", "${params.t}", """{"take":"a","ttl_ms":"${params.t}"}""")]
    [InlineData("""{"take":"a","ttl_ms":5}""", "minutes", "", """{"take":"a"}""")]
    [InlineData("""{"take":"a"}""", "lapse", "reopen", """{"take":"a","on_lapse":"reopen"}""")]
    [InlineData("""{"take":"a","on_lapse":{"action":"old","params":{"id":1}}}""", "lapse", "reopen", """{"take":"a","on_lapse":{"action":"reopen","params":{"id":1}}}""")]
    [InlineData("""{"take":"a","on_lapse":"old"}""", "lapse", "", """{"take":"a"}""")]
    public void LeasePicker_Changes_KeepWhatTheyDoNotShow(string before, string field, string typed, string expected)
    {
        var text = before;
        var picker = LeasePicker(text, now => text = now);

        picker.Find($"#f-{field}").Change(typed);

        Assert.Equal(expected, text.Length == 0 ? text : Compact(text));
    }

    [Fact]
    public void LeasePicker_Shared_IsAModeAndAloneIsNone()
    {
        var text = """{"take":"a"}""";
        var picker = LeasePicker(text, now => text = now);

        picker.Find("input[type=checkbox]").Change(true);
        Assert.Equal("""{"take":"a","mode":"shared"}""", Compact(text));

        picker.Render(parameters => parameters.Add(p => p.Text, text));
        picker.Find("input[type=checkbox]").Change(false);
        Assert.Equal("""{"take":"a"}""", Compact(text));
    }

    [Fact]
    public void LeasePicker_OffersKeysOfOtherActionsAndParametersAndTheRoomsActions()
    {
        var model = RoomPageModels.Of() with { Actions = [RoomPageModels.Action("take_task", """{"id":"take_task","lease":{"take":"task:${params.id}"}}"""), RoomPageModels.Action("need_key", """{"id":"need_key","lease":"key:1"}""")] };
        var picker = Render<LeasePicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, model).Add(p => p.Text, """{"take":"a","on_lapse":"later"}""").Add(p => p.Parameters, ["n"]).Add(p => p.TextChanged, (string _) => { }));

        Assert.Equal(["task:${params.id}", "key:1", "${params.n}", "${key}"], picker.FindAll("datalist option").Select(option => option.GetAttribute("value")));
        Assert.Equal(["", "take_task", "need_key", "later"], picker.FindAll("#f-lapse option").Select(option => option.GetAttribute("value")));
        Assert.Equal("later", picker.Find("#f-lapse").GetAttribute("value"));
    }

    [Theory]
    [InlineData("{\"take\":")]
    [InlineData("[1]")]
    [InlineData("5")]
    public void LeasePicker_OfWhatIsNoRule_LeavesItAlone(string text) => Assert.Empty(LeasePicker(text, _ => { }).FindAll("input"));

    private IRenderedComponent<LeasePicker> LeasePicker(string text, Action<string> changed) =>
        Render<LeasePicker>(parameters => parameters.Add(p => p.Form, "f").Add(p => p.Model, RoomPageModels.Of()).Add(p => p.Text, text).Add(p => p.Parameters, ["t"]).Add(p => p.TextChanged, changed));

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString(s_plain); // What a picker writes is JSON.
}
