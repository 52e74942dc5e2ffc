using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Tests.Primitives.Json;

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

    /// <summary>Bytes are edited and no tree is built; the tree is what they are compared with.</summary>
    [Fact]
    public void Merge_RandomObjects_IsWhatATreeWouldBe() =>
        Gen.Select(s_members, s_members).Sample((target, patch) =>
            JsonNode.DeepEquals(JsonEdit.Merge(Value(target), Value(patch)!.Value).ToNode(), MergeTrees(JsonNode.Parse(target), JsonNode.Parse(patch)!.AsObject())), iter: 3_000);

    [Fact]
    public void Merge_ManyMembers_FindsEachByItsName()
    {
        var target = "{" + string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"k{i}\":{i}")) + "}";
        var patch = "{" + string.Join(',', Enumerable.Range(25, 50).Select(i => $"\"k{i}\":{(i % 2 == 0 ? "null" : "\"new\"")}")) + "}";

        Assert.True(JsonNode.DeepEquals(MergeTrees(JsonNode.Parse(target), JsonNode.Parse(patch)!.AsObject()), JsonEdit.Merge(Value(target), Value(patch)!.Value).ToNode()));
    }

    [Theory]
    [InlineData("""{"\u0061":1}""", """{"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"\u0061":null}""", "{}")]
    [InlineData("""{"é\"\\":1}""", """{"\u00e9\"\\":2,"b":3}""", """{"é\"\\":2,"b":3}""")]
    public void Merge_NamesWithEscapes_AreTheSameNames(string target, string patch, string expected) =>
        JsonAssert.Equal(expected, JsonEdit.Merge(JsonText.Trusted(Encoding.UTF8.GetBytes(target)), JsonText.Trusted(Encoding.UTF8.GetBytes(patch))).ToNode());

    [Fact]
    public void At_RandomPaths_IsWhatATreeWouldBe() =>
        Gen.Select(s_members, One("a", "b", "a.b", "b.a.c", "a.0", "c.1.b", "x.y.z", "b.2")).Sample((target, path) =>
        {
            var (value, error) = JsonEdit.At(Value(target), path, static _ => Value("[9]"));
            var tree = JsonNode.Parse(target)!;
            return SetInTree(tree, path.Split('.')) ? error is null && JsonNode.DeepEquals(tree, value!.Value.ToNode()) : error is not null;
        }, iter: 5_000);

    [Fact]
    public void Append_ToALongList_LeavesEveryEarlierStateAsItWas()
    {
        var list = Value("[" + string.Join(',', Enumerable.Range(0, 2_000)) + "]")!.Value;
        var states = new List<JsonText> { list };
        for (var i = 0; i < 3_000; i++)
        {
            states.Add(JsonEdit.Append(states[^1], Value($"{2_000 + i}")!.Value));
        }

        // Also where two go on from the same state.
        var left = JsonEdit.Append(states[1_500], Value("\"left\"")!.Value);
        var right = JsonEdit.Append(states[1_500], Value("\"right\"")!.Value);

        Assert.All(Enumerable.Range(0, states.Count).Where(i => i % 97 == 0), i =>
        {
            Assert.Equal("[" + string.Join(',', Enumerable.Range(0, 2_000 + i)) + "]", states[i].ToString());
            Assert.Equal(2_000 + i, JsonEdit.Count(states[i]));
            Assert.Equal(states[i].Span.Length, states[i].Length);
        });
        Assert.EndsWith(",3499,\"left\"]", left.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(",3499,\"right\"]", right.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_ByManyAtOnceToOneState_GivesEachItsOwn()
    {
        var list = JsonEdit.Append(Value("[" + string.Join(',', Enumerable.Range(0, 2_000)) + "]"), Value("0")!.Value);

        var made = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => JsonEdit.Append(list, Value($"\"item {i}\"")!.Value))));

        Assert.All(made.Index(), m => Assert.EndsWith($",0,\"item {m.Index}\"]", m.Item.ToString(), StringComparison.Ordinal));
    }

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

    private static readonly Gen<string> s_scalar = One("1", "null", "\"x\"", "true", "[]", "{}", "[1,{\"b\":2},null]");

    private static readonly Gen<string> s_members = Gen.Recursive<string>((depth, inner) => Gen.Select(
        One("a", "b", "c", "é").ArrayUnique[0, 3],
        (depth > 2 ? s_scalar : Gen.OneOf(s_scalar, inner)).Array[3],
        (names, values) => "{" + string.Join(',', names.Select((name, i) => $"\"{name}\":{values[i]}")) + "}"));

    private static JsonObject MergeTrees(JsonNode? target, JsonObject patch)
    {
        var result = target as JsonObject ?? [];
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value is JsonObject inner ? MergeTrees(result[name], inner) : value.DeepClone();
            }
        }

        return result;
    }

    private static bool SetInTree(JsonNode node, string[] parts)
    {
        if (node is JsonObject members)
        {
            if (parts.Length == 1)
            {
                members[parts[0]] = new JsonArray(9);
                return true;
            }

            return SetInTree(members[parts[0]] ??= new JsonObject(), parts[1..]);
        }

        if (node is not JsonArray items || !int.TryParse(parts[0], out var index) || index >= items.Count)
        {
            return false;
        }

        if (parts.Length == 1)
        {
            items[index] = new JsonArray(9);
            return true;
        }

        return SetInTree(items[index] ??= new JsonObject(), parts[1..]);
    }

    private static JsonText? Value(string? json) => json is null ? null : JsonText.Of(EngineHost.Json(json));

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
