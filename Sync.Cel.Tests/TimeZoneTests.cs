using Sync.Cel.Library;

namespace Sync.Cel.Tests;

public sealed class TimeZoneTests
{
    private const string First = "0001-01-01T00:00:00Z";
    private const string Last = "9999-12-31T23:59:59.999Z";

    [Theory]
    [InlineData(First, "getFullYear(\"-00:01\")", 0)]
    [InlineData(First, "getMonth(\"-00:01\")", 11)]
    [InlineData(First, "getDate(\"-00:01\")", 31)]
    [InlineData(First, "getDayOfMonth(\"-00:01\")", 30)]
    [InlineData(First, "getDayOfYear(\"-00:01\")", 365)] // year 0 is a leap year
    [InlineData(First, "getDayOfWeek(\"-00:01\")", 0)]
    [InlineData(First, "getDayOfWeek()", 1)]
    [InlineData(First, "getHours(\"-00:01\")", 23)]
    [InlineData(First, "getMinutes(\"-00:01\")", 59)]
    [InlineData(First, "getFullYear(\"America/New_York\")", 0)]
    [InlineData(First, "getMinutes(\"America/New_York\")", 3)] // -04:56:02
    [InlineData(First, "getSeconds(\"America/New_York\")", 58)]
    [InlineData(First, "getFullYear(\"+01:00\")", 1)]
    [InlineData(Last, "getFullYear(\"+00:01\")", 10000)]
    [InlineData(Last, "getMonth(\"+00:01\")", 0)]
    [InlineData(Last, "getDate(\"+00:01\")", 1)]
    [InlineData(Last, "getDayOfYear(\"+00:01\")", 0)]
    [InlineData(Last, "getDayOfWeek(\"+00:01\")", 6)]
    [InlineData(Last, "getFullYear(\"Asia/Tokyo\")", 10000)]
    [InlineData(Last, "getHours(\"Asia/Tokyo\")", 8)]
    [InlineData(Last, "getMilliseconds(\"Asia/Tokyo\")", 999)]
    [InlineData("1930-06-01T12:00:00Z", "getHours(\"Europe/Amsterdam\")", 13)] // +01:19:32
    [InlineData("1930-06-01T12:00:00Z", "getMinutes(\"Europe/Amsterdam\")", 19)]
    [InlineData("1930-06-01T12:00:00Z", "getSeconds(\"Europe/Amsterdam\")", 32)]
    [InlineData("1880-01-01T00:00:00Z", "getSeconds(\"Europe/Paris\")", 21)] // +00:09:21
    [InlineData("1880-01-01T00:00:00Z", "getMinutes(\"Europe/Paris\")", 9)]
    [InlineData("1800-01-01T00:00:00Z", "getSeconds(\"Europe/Berlin\")", 28)] // +00:53:28
    [InlineData("2026-07-01T12:00:00Z", "getHours(\"Europe/Berlin\")", 14)]
    [InlineData("2026-01-01T12:00:00Z", "getHours(\"Europe/Berlin\")", 13)]
    [InlineData("2126-07-01T12:00:00Z", "getHours(\"Europe/Berlin\")", 14)] // by the rule, after the last change that is listed
    [InlineData("2126-01-01T12:00:00Z", "getHours(\"Australia/Sydney\")", 23)]
    [InlineData("2026-03-29T00:59:59Z", "getHours(\"Europe/Berlin\")", 1)]
    [InlineData("2026-03-29T01:00:00Z", "getHours(\"Europe/Berlin\")", 3)]
    [InlineData("2026-01-01T12:00:00Z", "getHours(\"UTC\")", 12)]
    [InlineData("2026-01-01T12:00:00Z", "getMinutes(\"-00:30\")", 30)]
    [InlineData("2026-01-01T12:00:00Z", "getHours(\"-00:30\")", 11)]
    [InlineData("2026-01-01T12:00:00Z", "getHours(\"02:00\")", 14)]
    [InlineData("2026-01-01T12:00:00Z", "getHours(\"+23:59\")", 11)]
    [InlineData("2026-01-01T12:00:00Z", "getDate(\"-23:59\")", 31)]
    public void Part_InAZone_IsThatOfTheLocalClock(string time, string part, long expected) =>
        Assert.Equal(expected, RoomCel.Evaluate($"timestamp(\"{time}\").{part}").AsInt);

    [Theory]
    [InlineData("+24:00")]
    [InlineData("+01:60")]
    [InlineData("+-1:00")]
    [InlineData("+1")]
    [InlineData("Europe/Atlantis")]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("")]
    public void Part_InNoZone_IsAnError(string zone) =>
        Assert.True(RoomCel.Evaluate($"timestamp(0).getHours(\"{zone}\")").IsError);

    [Fact]
    public void Changes_OfAFileThatIsNone_AreNone()
    {
        Assert.Empty(ZoneOffsets.Parse([]).Changes);
        Assert.Empty(ZoneOffsets.Parse(new byte[100]).Changes);
        var file = new byte[200];
        "TZif2"u8.CopyTo(file);
        for (var i = 20; i < 44; i++)
        {
            file[i] = 0x7f;
        }

        Assert.Empty(ZoneOffsets.Parse(file).Changes);
    }
}
