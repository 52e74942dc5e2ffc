using System.Globalization;
using System.Text.Json;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>Axes, ranges and drawings of charts.</summary>
public sealed class ChartTests
{
    private static readonly DateTimeOffset s_then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 10, "0 2 4 6 8 10")]
    [InlineData(3, 8, "0 2 4 6 8")]
    [InlineData(96, 104, "96 98 100 102 104")]
    [InlineData(-5, 5, "-6 -4 -2 0 2 4 6")]
    [InlineData(-8, -3, "-8 -6 -4 -2 0")]
    [InlineData(0, 0, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(7, 7, "0 2 4 6 8")]
    [InlineData(-7, -7, "-8 -6 -4 -2 0")]
    [InlineData(0, 1234567, "0 0.2M 0.4M 0.6M 0.8M 1M 1.2M 1.4M")]
    [InlineData(0, 45000, "0 10k 20k 30k 40k 50k")]
    [InlineData(0, 0.042, "0 0.01 0.02 0.03 0.04 0.05")]
    [InlineData(0, 0.00002, "0 5e-6 1e-5 1.5e-5 2e-5")]
    [InlineData(0, 4e18, "0 1e18 2e18 3e18 4e18")]
    public void Axis_AroundValues_HasRoundTicks(double low, double high, string expected)
    {
        var axis = ChartAxis.Of(low, high);

        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(axis.Text)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1e308, -1e308)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.NaN, 5)]
    [InlineData(double.Epsilon, 0)]
    [InlineData(1e17, 1e17 + 16)]
    [InlineData(1e-320, 1e-310)]
    [InlineData(double.MaxValue, double.MaxValue)]
    [InlineData(-0.0, 0.0)]
    [InlineData(1e300, 1e-300)]
    public void Axis_AtTheEdgesOfNumbers_StaysFiniteAndOrdered(double one, double other)
    {
        foreach (var (withZero, whole) in ((bool, bool)[])[(false, false), (true, false), (false, true)])
        {
            var axis = ChartAxis.Of(one, other, withZero, whole);

            Assert.True(double.IsFinite(axis.Low) && double.IsFinite(axis.High) && axis.Low < axis.High, $"{axis.Low} {axis.High}");
            Assert.InRange(axis.Ticks.Length, 2, 12);
            Assert.All(axis.Ticks.Zip(axis.Ticks.Skip(1)), pair => Assert.True(pair.First < pair.Second));
            Assert.All((double[])[one, other, 0, double.NaN], value => Assert.InRange(axis.Share(value), 0, 1));
            Assert.All(axis.Ticks, tick => Assert.InRange(axis.Text(tick).Length, 1, 20));
        }
    }

    [Fact]
    public void Axis_OfWholeNumbers_HasNoTickBetweenTwo() => Assert.Equal([3, 4], ChartAxis.Of(3, 4, whole: true).Ticks);

    [Theory]
    [InlineData(10, "second")]
    [InlineData(300, "minute")]
    [InlineData(7_200, "minute")]
    [InlineData(86_400, "minute")]
    [InlineData(864_000, "day")]
    [InlineData(400_000_000, "year")]
    [InlineData(0, "second")]
    public void TimeAxis_OfASpan_HasAFewRoundTicksWithin(long seconds, string form)
    {
        var axis = ChartTimeAxis.Of(s_then, s_then.AddSeconds(seconds));

        Assert.Equal(form, axis.Form);
        Assert.InRange(axis.Ticks.Length, 1, 12);
        Assert.All(axis.Ticks, tick => Assert.InRange(tick, axis.Begin, axis.End));
        Assert.All(axis.Ticks, tick => Assert.Equal(0, tick.UtcTicks % axis.Step.Ticks));
        Assert.True(axis.Begin < axis.End);
    }

    [Fact]
    public void TimeAxis_OfAllTime_EndsWithIt()
    {
        Assert.InRange(ChartTimeAxis.Of(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Ticks.Length, 1, 12);
        Assert.NotEmpty(ChartTimeAxis.Of(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue).Ticks);
        Assert.NotEmpty(ChartTimeAxis.Of(DateTimeOffset.MinValue, DateTimeOffset.MinValue).Ticks);
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("[1]", "all")]
    [InlineData("[1,2,3]", "all")]
    public void Ranges_OfFewPoints_AreAll(string value, string expected) =>
        Assert.Equal(expected.Length == 0 ? "all" : expected, string.Join(' ', ChartRange.For(ChartModel.Of(Json(value))).Select(range => range.Id)));

    [Fact]
    public void Ranges_OfPointsOverTime_CutByTimeAndKeepTheLineComingIn()
    {
        var chart = Timed(Enumerable.Range(0, 300).Select(i => (i * 60, (double)i)));

        Assert.Equal("15m 1h all", string.Join(' ', ChartRange.For(chart).Select(range => range.Id)));
        var hour = ChartRange.For(chart)[1].Of(chart, s_then);
        Assert.Equal(62, hour.Points.Count);
        Assert.Single(ChartRange.For(chart)[0].Of(chart, s_then.AddDays(9)).Points);
    }

    [Fact]
    public void Ranges_OfPointsWithoutTimes_CutByNumber()
    {
        var chart = new ChartModel([.. Enumerable.Range(0, 250).Select(i => new ChartPoint("", i))]);

        Assert.Equal([20, 100, 250], ChartRange.For(chart).Select(range => range.Of(chart, s_then).Points.Count));
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("[3]", "M0 0H1000")]
    [InlineData("[0,10]", "M0 300L1000 0")]
    [InlineData("[5,5,5]", "M0 0L500 0L1000 0")]
    [InlineData("[-1,1]", "M0 300L1000 0")]
    public void Plot_OfALine_IsDrawnInItsBox(string value, string expected) => Assert.Equal(expected, Plot(ChartModel.Of(Json(value)), ChartShape.Line).Path);

    [Fact]
    public void Plot_OverTime_PlacesPointsByTheirTime()
    {
        var plot = Plot(Timed([(0, 0), (900, 10), (1000, 10)]), ChartShape.Line);

        Assert.Equal("M0 300L900 0L1000 0", plot.Path);
        Assert.NotNull(plot.Times);
        Assert.Contains(s_then.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), plot.Readout, StringComparison.Ordinal);
    }

    [Fact]
    public void Plot_OfSteps_HoldsEachValueUntilTheNext() => Assert.Equal("M0 300H500V0H1000", ChartPlot.Of(Timed([(0, 0), (500, 10)]), ChartShape.Steps, ChartModel.Text, until: s_then.AddSeconds(1000)).Path);

    [Fact]
    public void Plot_OfColumns_StandsOnZero()
    {
        var plot = Plot(ChartModel.Of(Json("[10,-10]")), ChartShape.Columns);

        Assert.Equal("M70 150V0H430V150ZM570 150V300H930V150Z", plot.Path);
        Assert.Equal(0.5, plot.Zero);
        Assert.Null(plot.Area);
    }

    [Fact]
    public void Plot_OfManyPoints_KeepsEveryPeakAndStaysSmall()
    {
        var values = Enumerable.Range(0, 500).Select(i => i == 333 ? 9_999d : i == 77 ? -50 : i % 10).ToList();
        var plot = Plot(new ChartModel([.. values.Select(value => new ChartPoint("", value))]), ChartShape.Line);

        Assert.InRange(plot.Path.Length, 100, 1_800);
        Assert.InRange(plot.Readout.Split('\n').Length, 100, 160);
        Assert.Contains("9,999", plot.Readout, StringComparison.Ordinal);
        Assert.Contains("-50", plot.Readout, StringComparison.Ordinal);
    }

    [Fact]
    public void Plot_OfLabelsWithTabsAndLines_KeepsItsReadoutInOrder()
    {
        var plot = Plot(new ChartModel([new ChartPoint("a\tb\nc", 1), new ChartPoint("d", 2)]), ChartShape.Line);

        Assert.All(plot.Readout.Split('\n'), line => Assert.Equal(4, line.Split('\t').Length));
    }

    [Theory]
    [InlineData(5, 0, 10, "width:50%")]
    [InlineData(10, -10, 10, "width:50%;margin-left:50%")]
    [InlineData(-10, -10, 10, "width:50%")]
    [InlineData(-5, -10, 10, "width:25%;margin-left:25%")]
    [InlineData(0, 0, 0, "width:0%")]
    [InlineData(double.NaN, 0, 1, "width:0%")]
    [InlineData(double.MaxValue, double.MinValue, double.MaxValue, "width:50%;margin-left:50%")]
    public void Bar_FromZero_HasItsLength(double value, double low, double high, string expected) => Assert.Equal(expected, ChartBar.Style(value, low, high));

    [Theory]
    [InlineData("""[{"at":"2026-03-01T12:00:00Z","value":1},{"at":"2026-03-01T12:01:00Z","value":2}]""", true)]
    [InlineData("""[{"at":"2026-03-01T12:05:00Z","value":1},{"at":"2026-03-01T12:01:00Z","value":2}]""", false)]
    [InlineData("""[{"at":"2026-03-01T12:05:00Z","value":1},{"value":2}]""", false)]
    [InlineData("""[{"label":"1","value":1},{"label":"2","value":2}]""", false)]
    [InlineData("[1,2]", false)]
    public void Chart_WithTimesInOrder_IsOverTime(string value, bool expected) => Assert.Equal(expected, ChartModel.Of(Json(value)).IsTimed);

    private static ChartPlot Plot(ChartModel chart, ChartShape shape) => ChartPlot.Of(chart, shape, ChartModel.Text);

    private static ChartModel Timed(IEnumerable<(int Seconds, double Value)> points) => new([.. points.Select(point => new ChartPoint("", point.Value) { At = s_then.AddSeconds(point.Seconds) })]);

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
