using System.Globalization;
using System.Text.Json.Nodes;

namespace Sync.Engine.Tests.Commands.Reverts;

/// <summary>
/// The rule of reverting, said once more and simply: the room is what it would be had the reverted writes not been made, where each write that came as a whole (a value, a deletion, the first of a key) stays as it was.
/// </summary>
internal sealed class RevertModel
{
    private readonly List<(int Kind, string Key, int N, bool IsAlice, JsonNode? Whole, bool IsWhole)> _done = [];
    private readonly Dictionary<string, JsonNode?> _now = [];

    public static string CallOf(int kind, string key, int n) => kind switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $$"""set {"key":"{{key}}","value":{{n}}}"""),
        1 => string.Create(CultureInfo.InvariantCulture, $$"""add {"key":"{{key}}","by":{{n}}}"""),
        2 => string.Create(CultureInfo.InvariantCulture, $$"""push {"key":"{{key}}","value":{{n}}}"""),
        3 => string.Create(CultureInfo.InvariantCulture, $$$"""patch {"key":"{{{key}}}","value":{"m{{{n % 3}}}":{{{n}}}}}"""),
        4 => $$"""drop {"key":"{{key}}"}""",
        _ => $$$"""set {"key":"{{{key}}}","value":{"m0":0}}""",
    };

    /// <summary>Does it in the model; false where the room would refuse it, and of a deletion that finds nothing.</summary>
    public bool Do(int kind, string key, int n, bool isAlice)
    {
        var before = _now.GetValueOrDefault(key);
        if (kind == 4 && before is null)
        {
            return false;
        }

        if (Apply(kind, n, before) is not (true, var after))
        {
            return false;
        }

        _done.Add((kind, key, n, isAlice, after?.DeepClone(), kind is 0 or 4 or 5 || before is null));
        _now[key] = after;
        return true;
    }

    public Dictionary<string, JsonNode?> WithoutAlice()
    {
        var without = new Dictionary<string, JsonNode?>();
        var stuck = new HashSet<string>();
        foreach (var (kind, key, n, isAlice, whole, isWhole) in _done)
        {
            if (isAlice || stuck.Contains(key))
            {
                continue;
            }

            if (isWhole)
            {
                without[key] = whole?.DeepClone();
                continue;
            }

            // What cannot be made again without her writes stays as it is.
            if (Apply(kind, n, without.GetValueOrDefault(key)) is (true, var after))
            {
                without[key] = after;
            }
            else
            {
                stuck.Add(key);
            }
        }

        foreach (var key in stuck)
        {
            without[key] = _now.GetValueOrDefault(key);
        }

        // Where she wrote nothing, nothing is reverted.
        foreach (var (key, now) in _now.Where(pair => !_done.Exists(done => done.Key == pair.Key && done.IsAlice)))
        {
            without[key] = now;
        }

        return without;
    }

    private static (bool Done, JsonNode? After) Apply(int kind, int n, JsonNode? before)
    {
        switch (kind)
        {
            case 0:
                return (true, JsonValue.Create(n));
            case 1:
                return before is null ? (true, JsonValue.Create(n)) : before is JsonValue number && number.TryGetValue<int>(out var old) ? (true, JsonValue.Create(old + n)) : (false, null);
            case 2:
                return (true, before switch
                {
                    null => new JsonArray(n),
                    JsonArray list => With(list, n),
                    _ => new JsonArray(before.DeepClone(), n),
                });
            case 3:
                var target = before is JsonObject old3 ? (JsonObject)old3.DeepClone() : [];
                target[string.Create(CultureInfo.InvariantCulture, $"m{n % 3}")] = n;
                return (true, target);
            case 4:
                return (true, null);
            default:
                return (true, new JsonObject { ["m0"] = 0 });
        }
    }

    private static JsonArray With(JsonArray list, int n)
    {
        var longer = (JsonArray)list.DeepClone();
        longer.Add(n);
        return longer;
    }
}
