using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Commands.Approvals;

/// <summary>
/// The times in JSON that are copies of the clock: they differ between two results of one invocation by exactly the time that lies between them. Everything else that differs between the two is no copy, and stays as it is.
/// </summary>
internal static class CopiedTimes
{
    // Templates write whole milliseconds.
    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(1);

    /// <summary>What a copied time is replaced by.</summary>
    /// <param name="time">The time in the first result.</param>
    /// <param name="other">Its text in the second.</param>
    public delegate string Replacement(DateTimeOffset time, string other);

    /// <summary>The first of two results, with each copied time replaced.</summary>
    /// <param name="one">The first result.</param>
    /// <param name="other">The second.</param>
    /// <param name="apart">The time of the second less the time of the first.</param>
    /// <param name="replace">What stands for a copy.</param>
    public static JsonNode? Replace(JsonNode? one, JsonNode? other, TimeSpan apart, Replacement replace)
    {
        switch (one, other)
        {
            case (JsonObject left, JsonObject right) when left.Count == right.Count:
                var members = new JsonObject();
                foreach (var (mine, theirs) in left.Zip(right))
                {
                    members[Replace(mine.Key, theirs.Key, apart, replace)] = Replace(mine.Value, theirs.Value, apart, replace);
                }

                return members;
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                return new JsonArray([.. left.Zip(right, (mine, theirs) => Replace(mine, theirs, apart, replace))]);
            case (JsonValue left, JsonValue right) when left.GetValueKind() == JsonValueKind.String && right.GetValueKind() == JsonValueKind.String:
                return Replace(left.GetValue<string>(), right.GetValue<string>(), apart, replace);
            default:
                return one?.DeepClone();
        }
    }

    // A text that differs in anything but copied times is not the same text.
    private static string Replace(string one, string other, TimeSpan apart, Replacement replace)
    {
        if (one == other)
        {
            return one;
        }

        var (text, i, j) = (new StringBuilder(one.Length), 0, 0);
        while (i < one.Length && j < other.Length)
        {
            if (TimeAt(one, i) is var (mine, length) && TimeAt(other, j) is var (theirs, otherLength) && (theirs - mine - apart).Duration() < s_grain)
            {
                text.Append(replace(mine, other.Substring(j, otherLength)));
                (i, j) = (i + length, j + otherLength);
            }
            else if (one[i] == other[j])
            {
                text.Append(one[i]);
                (i, j) = (i + 1, j + 1);
            }
            else
            {
                return one;
            }
        }

        return i == one.Length && j == other.Length ? text.ToString() : one;
    }

    // 2026-03-01T12:00:00Z, with or without parts of a second.
    private static (DateTimeOffset Time, int Length)? TimeAt(string text, int start)
    {
        const string Form = "0000-00-00T00:00:00";
        if (text.Length - start <= Form.Length)
        {
            return null;
        }

        for (var i = 0; i < Form.Length; i++)
        {
            if (Form[i] == '0' ? !char.IsAsciiDigit(text[start + i]) : text[start + i] != Form[i])
            {
                return null;
            }
        }

        var end = start + Form.Length;
        if (text[end] == '.')
        {
            do
            {
                end++;
            }
            while (end < text.Length && char.IsAsciiDigit(text[end]));
        }

        return end < text.Length && text[end] == 'Z'
            && DateTimeOffset.TryParse(text.AsSpan(start, end + 1 - start), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? (time, end + 1 - start)
            : null;
    }
}
