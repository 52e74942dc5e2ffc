using System.Text;
using System.Text.Json;
using Sync.Cel.Checking;
using Sync.Cel.Values;

namespace Sync.Cel.Tests;

public sealed class ValueTests
{
    [Theory]
    [InlineData("name", ".name")]
    [InlineData("_items", "._items")]
    [InlineData("a1", ".a1")]
    [InlineData("1a", "[\"1a\"]")]
    [InlineData("", "[\"\"]")]
    [InlineData("a.b", "[\"a.b\"]")]
    [InlineData("a\"b\\c", "[\"a\\\"b\\\\c\"]")]
    [InlineData("Zürich ♜", "[\"Zürich ♜\"]")]
    public void MemberText_OfAName_IsReadBackAsThatName(string name, string written)
    {
        Assert.Equal(written, MemberText.Of(name));

        var path = Assert.Single(RoomCel.Compile($"state{MemberText.Of(name)}").NamedPaths);
        Assert.Equal([new CelSegment(name, IsVariable: false)], path.Segments);
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854776000.0")]
    [InlineData("1e300", "1e+300")]
    [InlineData("0.5", "0.5")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\": 2}")]
    [InlineData("[null,true,\"x\\u00e9\"]", "[null, true, \"xé\"]")]
    public void ParseJson_Text_GivesValue(string json, string expected)
    {
        Assert.Equal(expected, RoomCel.Json(json).ToString());
        using var document = JsonDocument.Parse(json);
        Assert.Equal(expected, CelValue.FromJson(document.RootElement).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1] 2")]
    [InlineData("\"\\ud800\"")]
    [InlineData("nul")]
    public void ParseJson_NotJson_IsAnErrorValue(string json) => Assert.True(RoomCel.Json(json).IsError);

    [Theory]
    [InlineData("[1, 2.5, \"a\", null, true]", "[1,2.5,\"a\",null,true]")]
    [InlineData("{\"a\": {1: 2u}}", "{\"a\":{\"1\":2}}")]
    [InlineData("b\"hi\"", "\"aGk=\"")]
    [InlineData("timestamp(\"2026-01-31T09:30:00.5Z\")", "\"2026-01-31T09:30:00.5Z\"")]
    [InlineData("duration(\"1h30m\")", "\"5400s\"")]
    [InlineData("type(1)", "\"int\"")]
    [InlineData("optional.of(1)", "1")]
    [InlineData("optional.none()", "null")]
    [InlineData("[0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0]", "[\"NaN\",\"Infinity\",\"-Infinity\"]")]
    [InlineData("1 / 0", "{\"_error\":\"Division by zero.\"}")]
    [InlineData("ip(\"10.0.0.1\")", "\"10.0.0.1\"")]
    [InlineData("{1: 2, true: 3}", "{\"1\":2,\"true\":3}")]
    [InlineData("18446744073709551615u", "18446744073709551615")]
    public void WriteJson_Value_IsAsDocumented(string expression, string expected)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            RoomCel.Evaluate(expression).WriteJson(writer);
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void WriteJson_HalfOfASurrogatePair_IsReplaced()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            RoomCel.Evaluate("{\"\ud800\": \"a\udc00\"}").WriteJson(writer);
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        Assert.Equal("a\ufffd", document.RootElement.EnumerateObject().Single().Value.GetString());
    }

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1u", "1", true)]
    [InlineData("[1, 2]", "[1.0, 2u]", true)]
    [InlineData("{1: 2}", "{1u: 2.0}", true)]
    [InlineData("0.0", "-0.0", true)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("null", "false", false)]
    [InlineData("0.0 / 0.0", "0.0 / 0.0", false)]
    [InlineData("optional.of(1)", "optional.of(1.0)", true)]
    public void Equals_IsTheLanguagesEquality(string left, string right, bool expected)
    {
        var (a, b) = (RoomCel.Evaluate(left), RoomCel.Evaluate(right));

        Assert.Equal(expected, a == b);
        Assert.Equal(!expected, a != b);
        Assert.True(!expected || a.GetHashCode() == b.GetHashCode());
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1u", "1u")]
    [InlineData("1.0", "1.0")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("123456789012345680000.0", "123456789012345680000.0")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("'a\"b\\n'", "\"a\\\"b\\n\"")]
    [InlineData("b'a\\x00'", "b\"a\\x00\"")]
    [InlineData("duration('1.5s')", "duration(\"1.5s\")")]
    [InlineData("[optional.of({'a': [1]})]", "[optional.of({\"a\": [1]})]")]
    public void ToString_Value_ReadsLikeItsLiteral(string expression, string expected) =>
        Assert.Equal(expected, RoomCel.Evaluate(expression).ToString());

    [Fact]
    public void ToString_LongValue_IsCut() => Assert.True(RoomCel.Evaluate("lists.range(100000)").ToString().Length < 10_000);

    [Fact]
    public void Of_DateTimeOffsetBeforeEpoch_KeepsTheFraction()
    {
        var time = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 500, TimeSpan.Zero);

        var value = CelValue.Of(time);

        Assert.Equal("timestamp(\"1969-12-31T23:59:59.5Z\")", value.ToString());
        Assert.Equal(time, value.AsTimestamp);
        Assert.Equal("google.protobuf.Timestamp", value.TypeName);
    }

    [Fact]
    public void Map_OfAnotherImplementation_ComparesIteratesAndWrites()
    {
        var environment = new CelEnvironment(new CelOptions { Variables = ["m"] });
        var roots = new Activation([CelValue.Of(new Squares())]);

        Assert.True(RoomCel.Compile("m == {1: 1, 2: 4, 3: 9} && {1: 1, 2: 4, 3: 9} == m", environment).Evaluate(roots).IsTrue);
        Assert.Equal("[1, 2, 3]", RoomCel.Compile("m.map(k, k)", environment).Evaluate(roots).ToString());
        Assert.Equal("{1: 1, 2: 4, 3: 9}", RoomCel.Compile("m", environment).Evaluate(roots).ToString());
        Assert.True(RoomCel.Compile("m[2.0] == 4 && 3u in m && !(\"x\" in m) && size(m) == 3", environment).Evaluate(roots).IsTrue);
    }

    private sealed class Squares : CelMap
    {
        public override int Count => 3;

        public override IEnumerable<CelValue> Keys => [CelValue.Of(1L), CelValue.Of(2L), CelValue.Of(3L)];

        public override bool TryGet(in CelValue key, out CelValue value)
        {
            for (var i = 1L; i <= 3; i++)
            {
                if (key == CelValue.Of(i))
                {
                    value = CelValue.Of(i * i);
                    return true;
                }
            }

            value = default;
            return false;
        }
    }
}
