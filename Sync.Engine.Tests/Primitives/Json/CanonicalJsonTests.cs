using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Tests.Primitives.Json;

/// <summary>RFC 8785: the vectors of its appendices, and the version over the canonical form. Numbers count with every digit, where the standard reads doubles.</summary>
public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8785 appendix B.</summary>
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Number_OfTheStandardsTable_IsWrittenAsThere(string bits, string expected) =>
        Assert.Equal(expected, CanonicalJson.Number(BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e2", "100")]
    [InlineData("-0", "0")]
    [InlineData("0.10", "0.1")]
    [InlineData("10e-1", "1")]
    [InlineData("-0.0e5", "0")]
    [InlineData("1E+2", "100")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("1e22", "10000000000000000000000")]
    [InlineData("1.5e300", "1500000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827")]
    [InlineData("12345678901234567890123.5", "1.23456789012345678901235e+22")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("-5e-324", "-5e-324")]
    [InlineData("1e400", "1e+400")]
    [InlineData("[ 1 , 2 ]", "[1,2]")]
    [InlineData("{ }", "{}")]
    [InlineData("""{"b":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"b":0,"a":1,"a":2}""", """{"a":1,"a":2,"b":0}""")]
    [InlineData("""{"z":{"b":1,"a":[{"d":1,"c":2}]}}""", """{"z":{"a":[{"c":2,"d":1}],"b":1}}""")]
    [InlineData("\"\\u00e9\\/\\u0041\"", "\"é/A\"")]
    [InlineData("\"\\u000f\\n\\t\\\"\\\\\"", "\"\\u000f\\n\\t\\\"\\\\\"")]
    [InlineData("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")]
    public void Canonicalise_Value_IsInItsOneForm(string json, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.Canonicalise(JsonText.Of(EngineHost.Json(json)))));

    /// <summary>RFC 8785 §3.2.3: keys are ordered by UTF-16 code unit, which puts an emoji before U+FB33.</summary>
    [Fact]
    public void Canonicalise_Keys_AreOrderedByUtf16()
    {
        var json = EngineHost.Json("""{"\u20ac":"Euro","\r":"CR","\ufb33":"Hebrew","1":"One","\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"o"}""");

        var canonical = Encoding.UTF8.GetString(CanonicalJson.Canonicalise(JsonText.Of(json)));

        Assert.Equal("{\"\\r\":\"CR\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"o\",\"€\":\"Euro\",\"\ud83d\ude00\":\"Emoji\",\"\ufb33\":\"Hebrew\"}", canonical);
    }

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("0", "-0")]
    [InlineData("100", "1e2")]
    [InlineData("\"é\"", "\"\\u00e9\"")]
    [InlineData("""{"a":1,"b":[]}""", """{ "b" : [ ], "a" : 1.0 }""")]
    public void Version_OfEqualValues_IsTheSame(string left, string right) => Assert.Equal(VersionOf(left), VersionOf(right));

    [Theory]
    [InlineData("42", "\"42\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("[]", "{}")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("""{"a":null}""", "{}")]
    [InlineData("9007199254740992", "9007199254740993")]
    [InlineData("18446744073709551615", "18446744073709551616")]
    [InlineData("-9007199254740993", "-9007199254740994")]
    [InlineData("0.1", "0.10000000000000001")]
    [InlineData("1e400", "1e401")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2,"a":1}""")]
    [InlineData("""{"n":[9007199254740993]}""", """{"n":[9007199254740992]}""")]
    public void Version_OfOtherValues_Differs(string left, string right) => Assert.NotEqual(VersionOf(left), VersionOf(right));

    /// <summary>SHA-256 of the two bytes "42".</summary>
    [Fact]
    public void Version_IsTheFirst16HexDigitsOfTheHash() => Assert.Equal("73475cb40a568e8d", VersionOf("42"));

    /// <summary>Two numbers have one version exactly when they are equal, compared here as fractions of whole numbers.</summary>
    [Fact]
    public void Version_OfRandomNumbers_IsTheSameExactlyWhenTheyAreEqual() =>
        Gen.Select(s_number, s_number).Sample((left, right) =>
            (VersionOf(left) == VersionOf(right)) == (Exact(left) == Exact(right)), iter: 20_000);

    private static readonly Gen<string> s_number = Gen.Select(
        One("", "-"),
        One("0", "1", "10", "9007199254740992", "9007199254740993", "123456789012345678901234567890"),
        One("", ".0", ".5", ".50", ".05", ".1", ".10000000000000001"),
        One("", "e0", "e1", "E+2", "e-1", "e-20", "e25"),
        (sign, whole, fraction, power) => sign + whole + fraction + power);

    private static (BigInteger, BigInteger) Exact(string number)
    {
        var mark = number.IndexOfAny(['e', 'E']);
        var power = mark < 0 ? 0 : int.Parse(number.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? number : number[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        power -= point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var (over, under) = power < 0 ? (digits, BigInteger.Pow(10, -power)) : (digits * BigInteger.Pow(10, power), BigInteger.One);
        var common = BigInteger.GreatestCommonDivisor(over, under);
        return (over / common, under / common);
    }

    private static string VersionOf(string json) => CanonicalJson.Version(JsonText.Of(EngineHost.Json(json)));

    private static Gen<string> One(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
