using System.Text;

namespace Sync.Engine.Reads.History;

/// <summary>
/// Latin letters without their accents, by the decompositions of the Unicode Character Database. A table, since the program runs without the system's cultures and then cannot decompose.
/// </summary>
internal static class LatinLetters
{
    private const int FromSupplement = 0x00C0;
    private const int FromAdditional = 0x1E00;

    // U+00C0 to U+017F.
    private const string Supplement =
        "AAAAAAÆCEEEEIIIIÐNOOOOO×ØUUUUYÞßaaaaaaæceeeeiiiiðnooooo÷øuuuuyþy" +
        "AaAaAaCcCcCcCcDdĐđEeEeEeEeEeGgGgGgGgHhĦħIiIiIiIiIıĲĳJjKkĸLlLlLlĿ" +
        "ŀŁłNnNnNnŉŊŋOoOoOoŒœRrRrRrSsSsSsSsTtTtŦŧUuUuUuUuUuUuWwYyYZzZzZzſ";

    // U+1E00 to U+1EFF.
    private const string Additional =
        "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm" +
        "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv" +
        "WwWwWwWwWwXxXxYyZzZzZzhtwyẚſẜẝẞẟAaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe" +
        "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYyỺỻỼỽỾỿ";

    /// <summary>The letter below the accent; anything else as it is.</summary>
    public static Rune WithoutAccent(Rune rune) => rune.Value switch
    {
        >= FromSupplement and < FromSupplement + 192 => new Rune(Supplement[rune.Value - FromSupplement]),
        >= FromAdditional and < FromAdditional + 256 => new Rune(Additional[rune.Value - FromAdditional]),
        _ => rune,
    };
}
