namespace Sync.Cel.Tests;

/// <summary>What <c>format</c> writes, as C's printf and Go's do.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData("%.2e", "9.995", "9.99e+00")] // it is 9.99499…
    [InlineData("%.2e", "9.9951", "1.00e+01")]
    [InlineData("%.0e", "2.5", "2e+00")]
    [InlineData("%.0e", "3.5", "4e+00")]
    [InlineData("%.0e", "25.0", "2e+01")]
    [InlineData("%.0e", "9.5", "1e+01")]
    [InlineData("%.1e", "0.125", "1.2e-01")]
    [InlineData("%.20e", "0.1", "1.00000000000000005551e-01")]
    [InlineData("%.3e", "5e-324", "4.941e-324")]
    [InlineData("%e", "5e-324", "4.940656e-324")]
    [InlineData("%e", "1.7976931348623157e308", "1.797693e+308")]
    [InlineData("%e", "0.0", "0.000000e+00")]
    [InlineData("%.0e", "0.0", "0e+00")]
    [InlineData("%e", "-0.0", "-0.000000e+00")]
    [InlineData("%e", "1e100", "1.000000e+100")]
    [InlineData("%e", "-1.5e-7", "-1.500000e-07")]
    [InlineData("%.3e", "9007199254740993", "9.007e+15")]
    [InlineData("%.15e", "9007199254740993", "9.007199254740993e+15")]
    [InlineData("%e", "18446744073709551615u", "1.844674e+19")]
    [InlineData("%f", "0.0", "0.000000")]
    [InlineData("%f", "-0.0", "-0.000000")]
    [InlineData("%.0f", "0.5", "0")]
    [InlineData("%.0f", "1.5", "2")]
    [InlineData("%.0f", "2.5", "2")]
    [InlineData("%.0f", "-2.5", "-2")]
    [InlineData("%.0f", "0.51", "1")]
    [InlineData("%.2f", "0.125", "0.12")]
    [InlineData("%.2f", "0.375", "0.38")]
    [InlineData("%.2f", "1.005", "1.00")] // it is 1.00499…
    [InlineData("%.1f", "0.05", "0.1")] // it is 0.05000…3
    [InlineData("%.1f", "0.049", "0.0")]
    [InlineData("%.1f", "99.96", "100.0")]
    [InlineData("%.3f", "1e-10", "0.000")]
    [InlineData("%.2f", "-0.001", "-0.00")]
    [InlineData("%.20f", "0.1", "0.10000000000000000555")]
    [InlineData("%.0f", "1e22", "10000000000000000000000")]
    [InlineData("%.0f", "1e23", "99999999999999991611392")]
    [InlineData("%f", "9007199254740993", "9007199254740993.000000")]
    [InlineData("%.1f", "-9223372036854775808", "-9223372036854775808.0")]
    [InlineData("%.1f", "18446744073709551615u", "18446744073709551615.0")]
    [InlineData("%f", "0.0 / 0.0", "NaN")]
    [InlineData("%e", "1.0 / 0.0", "Infinity")]
    [InlineData("%.2f", "-1.0 / 0.0", "-Infinity")]
    public void Format_OfANumber_RoundsItsExactDigitsWithTiesToEven(string clause, string number, string expected) =>
        Assert.Equal(expected, RoomCel.Evaluate($"\"{clause}\".format([{number}])").AsString);

    // Another way to the same: where the text has digits enough for all of a double's, nothing is rounded.
    [Fact]
    public void Format_WithAllDigits_ReadsBackAsTheSameDouble()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var number = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (!double.IsFinite(number))
            {
                continue;
            }

            var literal = number.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            literal = literal.AsSpan().ContainsAny(".E") ? literal : literal + ".0";

            Assert.Equal(number, double.Parse(RoomCel.Evaluate($"\"%.17e\".format([{literal}])").AsString, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData(@"\xF0abc\x8C\xF0xyz", "\ufffdabc\ufffdxyz")]
    [InlineData(@"\xc0\xc1\xf5\xff", "\ufffd")]
    [InlineData(@"\xe2\x82", "\ufffd")]
    [InlineData(@"\xe2\x82a", "\ufffda")]
    [InlineData(@"a\xed\xa0\x80b", "a\ufffdb")] // a surrogate
    [InlineData(@"\xef\xbf\xbd\xff", "\ufffd\ufffd")] // the first is one in its own right
    [InlineData(@"\xf0\x9f\x98\x80", "😀")]
    [InlineData("", "")]
    public void Format_OfBytesThatAreNoText_HasOneReplacementForEachRun(string bytes, string expected)
    {
        Assert.Equal(expected, RoomCel.Evaluate($"\"%s\".format([b\"{bytes}\"])").AsString);
        Assert.Equal($"[{expected}]", RoomCel.Evaluate($"\"%s\".format([[b\"{bytes}\"]])").AsString);
    }
}
