using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>Calls on values that move with the clock (<see cref="CelClock"/>).</summary>
internal static class ClockCalls
{
    private const long Second = TimeText.NanosPerSecond;

    // Days begin, and zones change their offset, at a quarter of an hour of UTC.
    private const long Quarter = 900 * Second;

    /// <summary>Notes a call with a moving argument.</summary>
    public static void Note(CelFunction function, in CelValue argument, CelClock? clock)
    {
        switch (function.Name)
        {
            // Passed on, or only looked at for its type.
            case "timestamp" or "duration" or "dyn" or "type":
                break;
            case "int" or "getSeconds":
                clock?.Cut(argument, Second);
                break;
            case "getMinutes":
                clock?.Cut(argument, 60 * Second);
                break;
            case "getHours" when argument.Kind == CelKind.Duration:
                clock?.Cut(argument, 3600 * Second);
                break;
            case "getHours" or "getDate" or "getDayOfMonth" or "getDayOfWeek" or "getDayOfYear" or "getMonth" or "getFullYear" when argument.Kind == CelKind.Timestamp:
                clock?.Cut(argument, Quarter);
                break;
            default:
                clock?.Lose();
                break;
        }
    }
}
