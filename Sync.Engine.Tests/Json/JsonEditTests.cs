using Sync.Engine.Json;

namespace Sync.Engine.Tests.Json;

public sealed class JsonEditTests
{
    /// <summary>RFC 7396, appendix A, without its cases of a patch that is no object.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [InlineData(null, """{"a":1,"b":null}""", """{"a":1}""")]
    [InlineData("5", "{}", "{}")]
    public void Merge_Object_FollowsTheStandard(string? target, string patch, string expected) =>
        JsonAssert.Equal(expected, JsonEdit.Merge(Value(target), Value(patch)!.Value).ToNode());

    [Theory]
    [InlineData(null, "1", "[1]")]
    [InlineData("[]", "1", "[1]")]
    [InlineData("[1]", "[2]", "[1,[2]]")]
    [InlineData("[1]", "null", "[1,null]")]
    [InlineData("5", "6", "[5,6]")]
    [InlineData("null", "1", "[null,1]")]
    [InlineData("""{"a":1}""", "\"x\"", """[{"a":1},"x"]""")]
    [InlineData("[\"[\"]", "\"]\"", """["[","]"]""")]
    public void Append_Item_IsLast(string? target, string item, string expected) =>
        Assert.Equal(expected, JsonEdit.Append(Value(target), Value(item)!.Value).ToString());

    [Theory]
    [InlineData(null, "1", "1")]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("1.5", "1.5", "3")]
    [InlineData("-1", "0.25", "-0.75")]
    [InlineData("9007199254740993", "1", "9007199254740994")]
    [InlineData("9223372036854775807", "1", "9223372036854775808")]
    [InlineData("1e3", "1", "1001")]
    [InlineData("1e300", "1e300", "2e+300")]
    [InlineData("1e308", "1e308", null)]
    [InlineData("\"1\"", "1", null)]
    [InlineData("1", "\"1\"", null)]
    [InlineData("null", "1", null)]
    [InlineData("[]", "1", null)]
    public void Add_Numbers_KeepsTheirDigits(string? target, string amount, string? expected) =>
        Assert.Equal(expected, JsonEdit.Add(Value(target), Value(amount)!.Value)?.ToString());

    [Theory]
    [InlineData(null, "a", """{"a":9}""")]
    [InlineData(null, "a.b.c", """{"a":{"b":{"c":9}}}""")]
    [InlineData("null", "a", """{"a":9}""")]
    [InlineData("""{"a":1,"b":2}""", "a", """{"a":9,"b":2}""")]
    [InlineData("""{"a":null}""", "a.b", """{"a":{"b":9}}""")]
    [InlineData("""{"a":[1,{"x":2}]}""", "a.1.x", """{"a":[1,{"x":9}]}""")]
    [InlineData("[1,2]", "0", "[9,2]")]
    public void At_Path_ReplacesOnlyWhatItNames(string? target, string path, string expected) =>
        JsonAssert.Equal(expected, JsonEdit.At(Value(target), path, static _ => Value("9")).Value!.Value.ToNode());

    [Theory]
    [InlineData("5", "a")]
    [InlineData("""{"a":5}""", "a.b")]
    [InlineData("[1]", "1")]
    [InlineData("[1]", "x")]
    [InlineData("[1]", "-1")]
    [InlineData("{}", "a..b")]
    [InlineData("{}", ".")]
    public void At_PathThatLeadsNowhere_SaysSo(string target, string path)
    {
        var (value, error) = JsonEdit.At(Value(target), path, static _ => Value("9"));

        Assert.Null(value);
        Assert.NotEmpty(error!);
    }

    [Fact]
    public void At_TooDeep_SaysSo() => Assert.NotNull(JsonEdit.At(null, string.Join('.', Enumerable.Repeat("a", 33)), static _ => Value("9")).Error);

    private static JsonText? Value(string? json) => json is null ? null : JsonText.Of(EngineHost.Json(json));
}
