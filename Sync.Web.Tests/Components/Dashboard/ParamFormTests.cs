using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Dashboard.Messages;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>Forms made of declared parameters, and drafts of definitions and messages.</summary>
public sealed class ParamFormTests
{
    [Theory]
    [InlineData("\"string\"", "Lines")]
    [InlineData("""{"type":"string","max_length":120}""", "Text")]
    [InlineData("""{"type":"string","secret":true}""", "Password")]
    [InlineData("""{"type":"string","enum":["a"]}""", "Choice")]
    [InlineData("""{"type":"integer"}""", "Number")]
    [InlineData("""{"type":"boolean"}""", "YesNo")]
    [InlineData("""{"type":"array"}""", "Json")]
    [InlineData("""{"type":"object"}""", "Json")]
    [InlineData("{}", "Json")]
    public void Field_OfEachType_HasItsInput(string spec, string expected) => Assert.Equal(expected, Field(spec).Input.ToString());

    [Theory]
    [InlineData("""{"type":"string"}""", " a ", "\" a \"")]
    [InlineData("""{"type":"integer"}""", "12", "12")]
    [InlineData("""{"type":"number"}""", "1.5", "1.5")]
    [InlineData("""{"type":"boolean"}""", "true", "true")]
    [InlineData("""{"enum":[1,"a"]}""", "\"a\"", "\"a\"")]
    [InlineData("""{"enum":[1,"a"]}""", "1", "1")]
    [InlineData("""{"type":"array"}""", "[1, 2,]", "[1,2]")]
    [InlineData("{}", "plain words", "\"plain words\"")]
    [InlineData("{}", "{\"a\":1}", "{\"a\":1}")]
    [InlineData("{}", "7", "7")]
    public void Field_Text_BecomesJson(string spec, string text, string expected)
    {
        var field = Field(spec);
        field.Text = text;

        Assert.Equal(expected, field.Read()?.ToJsonString());
        Assert.Null(field.Error);
    }

    [Theory]
    [InlineData("""{"type":"integer"}""", "many")]
    [InlineData("""{"type":"number"}""", "NaN")]
    [InlineData("""{"type":"array"}""", "{}")]
    [InlineData("""{"type":"object"}""", "[1")]
    [InlineData("{}", "{\"a\":")]
    [InlineData("""{"type":"string","required":true}""", "")]
    public void Field_TextThatCannotBe_SaysWhatIsWrong(string spec, string text)
    {
        var field = Field(spec);
        field.Text = text;

        Assert.Null(field.Read());
        Assert.NotNull(field.Error);
    }

    [Fact]
    public void Form_LeavesOutWhatIsNotGiven_AndBeginsWithDefaults()
    {
        var form = ParamForm.Of("""{"params":{"a":{"type":"string"},"n":{"type":"integer","default":5},"c":{"enum":["x","y"],"default":"y"}}}""");

        Assert.Equal("""{"n":5,"c":"y"}""", form.Read()!.Value.GetRawText());
        Assert.True(form.IsCompleteWith(new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"as soon as possible\"", "as soon as possible")]
    [InlineData("\"12\"", "\"12\"")]
    [InlineData("\"[a\"", "\"[a\"")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    public void Default_OfAnything_StandsAsItWouldBeTypedAndReadsBack(string value, string shown)
    {
        var field = Field("""{"type":"any","default":VALUE}""".Replace("VALUE", value, StringComparison.Ordinal));

        Assert.Equal(shown, field.Text);
        Assert.Equal(shown.Length == 0 ? null : value, field.Read()?.ToJsonString());
    }

    [Fact]
    public void Form_Refused_PutsItBesideTheField()
    {
        var form = ParamForm.Of("""{"params":{"n":{"type":"integer"}}}""");

        Assert.True(form.Blame(new SyncError(ErrorCode.InvalidParam, "Parameter 'n' must be at least 1.").With("param", "n")));
        Assert.Equal("Parameter 'n' must be at least 1.", form.Fields[0].Error);
        Assert.False(form.Blame(new SyncError(ErrorCode.PreconditionFailed, "No.")));
    }

    [Fact]
    public void Form_OfAChangedDefinition_KeepsWhatWasTyped()
    {
        var before = ParamForm.Of("""{"params":{"a":{"type":"string"},"c":{"enum":["x","y"]}}}""");
        before.Fields[0].Text = "typed";
        before.Fields[1].Text = "\"y\"";
        var after = ParamForm.Of("""{"params":{"b":{"type":"string"},"a":{"type":"string"},"c":{"enum":["x"]}}}""");

        after.Take(before);

        Assert.Equal(["", "typed", ""], after.Fields.Select(field => field.Text));
    }

    [Theory]
    [InlineData("""{"id":"x","params":null}""")]
    [InlineData("""{"id":"x"}""")]
    public void Form_WithoutParams_IsEmptyAndComplete(string definition)
    {
        var form = ParamForm.Of(definition);

        Assert.Empty(form.Fields);
        Assert.Equal("{}", form.Read()!.Value.GetRawText());
    }

    [Fact]
    public void Draft_OfADefinition_ComesBackTheSame()
    {
        var draft = DefinitionDraft.Of(RoomPageModels.Action("vote", """{"id":"vote","params":{"c":{"type":"string"}},"writes":[{"key":"k","value":"${params.c}"}],"if":"true"}"""));

        Assert.Equal("""{"id":"vote","params":{"c":{"type":"string"}},"writes":[{"key":"k","value":"${params.c}"}],"if":"true"}""", draft.Read()!.Value.GetRawText().Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\u0024", "$", StringComparison.Ordinal));
    }

    [Fact]
    public void Draft_WithBadJson_SaysWhereAndIsNotSent()
    {
        var draft = DefinitionDraft.Action();
        draft.Id.Text = "x";
        draft.Fields.Single(field => field.Name == "writes").Text = "[{\n  \"key\": }]";

        Assert.Null(draft.Read());
        Assert.Contains("line 2", draft.Fields.Single(field => field.Name == "writes").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Draft_RefusedByTheEngine_ShowsThePlace()
    {
        var draft = DefinitionDraft.View();

        Assert.True(draft.Blame(new SyncError(ErrorCode.InvalidCel, "Unexpected end.").With("field", "expr").With("caret", "a +\n   ^")));
        Assert.Equal("a +\n   ^", draft.Fields.Single(field => field.Name == "expr").Caret);
        Assert.False(draft.Blame(new SyncError(ErrorCode.ScopeDenied, "No.")));
    }

    [Fact]
    public void Message_ToOneOrMore_IsDirected()
    {
        var draft = new MessageDraft { Body = " hi ", Kind = "" };
        Assert.Equal("""{"body":"hi","kind":"chat"}""", draft.Read().GetRawText());
        draft.Direct("ada");
        draft.Direct("ada");
        Assert.Equal("""{"body":"hi","kind":"chat","to":"ada"}""", draft.Read().GetRawText());
        draft.Direct("bo");
        Assert.Equal("""{"body":"hi","kind":"chat","to":["ada","bo"]}""", draft.Read().GetRawText());
        draft.Undirect("ada");
        draft.Sent();
        Assert.True(draft.IsEmpty);
        Assert.Equal(["bo"], draft.To);
    }

    [Fact]
    public void Messages_Filtered_AreOfOneKindOrDirect()
    {
        var model = RoomPageModels.Of();
        var history = new MessageHistory();
        history.Show(model);
        Assert.Equal([1L, 2L], history.Lines.Select(message => message.Seq));

        history.Filter("task", direct: false);
        Assert.Equal([2L], history.Lines.Select(message => message.Seq));

        history.Filter(kind: null, direct: true);
        Assert.Equal([2L], history.Lines.Select(message => message.Seq));
        Assert.False(history.HasEarlier);
        Assert.Equal(0, history.Newer);
    }

    private static ParamField Field(string spec) => new("p", System.Text.Json.JsonElement.Parse(spec));
}
