using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sync.Web.Tests.FirstTry;

/// <summary>Applies an advice to the call that got it, literally: nothing is added that the advice does not say.</summary>
internal static partial class Repair
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Modes of a write: one takes the place of another.
    private static readonly string[] s_modes = ["value", "merge", "increment", "append", "delete"];

    // What is quoted is a whole expression; what is not may be a part of one.
    private const int Unquoted = 10_000;

    // Fields that a message quotes and does not mean to be taken away.
    private static readonly string[] s_kept = ["id", "room", "writes", "key", "scope"];

    /// <summary>What to send instead, most literal reading first. Each is a list of calls, the last of which takes the place of <paramref name="step"/>.</summary>
    public static IEnumerable<IReadOnlyList<string>> Of(string step, Reply reply, Newcomer newcomer)
    {
        var advised = newcomer.CallsIn(reply.Advice).Where(call => !call.Contains('…') && !OpenPart().IsMatch(call.Split(" {")[0])).Distinct().ToList();
        foreach (var call in advised.Where(call => Target(call) == Target(step)))
        {
            yield return [call];
        }

        foreach (var call in advised.Where(call => Target(call) != Target(step)))
        {
            yield return [call];
            yield return [call, step];
        }

        // In the order in which the advice says them.
        foreach (var changed in Renamed(step, reply).Select(static changed => (At: -1, Step: changed))
            .Concat(Merged(step, reply.IsAccepted ? "" : reply.Message, reply.Advice))
            .Concat(Rewritten(step, reply.Advice))
            .OrderBy(static change => change.At)
            .Select(static change => change.Step)
            .Where(changed => changed != step)
            .Distinct())
        {
            yield return [changed];
        }
    }

    // 'Did you mean "x"?': the name that the sentence quotes becomes x.
    private static IEnumerable<string> Renamed(string step, Reply reply)
    {
        var suggestions = MeantName().Matches(reply.Advice).Select(match => match.Groups[1].Value).Prepend(reply.Suggestion).OfType<string>().Distinct();
        foreach (var name in suggestions)
        {
            foreach (var wrong in QuotedName().Matches(reply.Message + " " + reply.Advice).Select(match => match.Groups[1].Value).Where(wrong => wrong != name && step.Contains(wrong, StringComparison.Ordinal)))
            {
                yield return step.Replace(wrong, name, StringComparison.Ordinal);
            }
        }
    }

    // '{"increment": "0 - params.amount", "expr": true}': its members go where one of them stands already, else to the top.
    private static IEnumerable<(int At, string Step)> Merged(string step, string message, string advice)
    {
        if (step.IndexOf(" {", StringComparison.Ordinal) is var brace && brace < 0)
        {
            yield break;
        }

        var unknown = QuotedName().Matches(message).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        foreach (var (at, fragment) in ObjectsIn(advice))
        {
            for (var number = 0; Apply(step[(brace + 1)..], fragment, unknown, number) is { } changed; number++)
            {
                yield return (at, $"{step[..brace]} {changed}");
            }
        }
    }

    // The places that have most of the members already, the outermost first; else one that has what is not known, else the whole.
    private static string? Apply(string json, JsonObject fragment, HashSet<string> unknown, int number)
    {
        var body = JsonNode.Parse(json)!; // It is an object.
        var places = Objects(body).Reverse().ToList();
        var most = places.Max(place => fragment.Count(member => place.ContainsKey(member.Key)));
        var fitting = most > 0 ? places.Where(place => fragment.Count(member => place.ContainsKey(member.Key)) == most) : [places.Find(place => unknown.Any(place.ContainsKey)) ?? body.AsObject()];
        if (fitting.ElementAtOrDefault(number) is not { } place)
        {
            return null;
        }

        foreach (var name in unknown.Where(name => !fragment.ContainsKey(name) && !s_kept.Contains(name)))
        {
            place.Remove(name);
        }

        if (fragment.Any(member => s_modes.Contains(member.Key)))
        {
            foreach (var mode in s_modes.Where(mode => !fragment.ContainsKey(mode)))
            {
                place.Remove(mode);
            }
        }

        foreach (var (name, value) in fragment)
        {
            place[name] = value?.DeepClone();
        }

        return body.ToJsonString(s_json);
    }

    // 'Write `x.size()`': a whole expression or value takes the place of the one that is there.
    private static IEnumerable<(int At, string Step)> Rewritten(string step, string advice)
    {
        foreach (var (at, code) in Code().Matches(advice).Select(static match => (match.Value[0] is '`' or '"' ? match.Index : match.Index + Unquoted, match.Groups["code"].Value)))
        {
            foreach (var name in (string[])["expr", "condition", "if", "enabled", "result", "value", "id", "key"])
            {
                var pattern = new Regex($"\"{name}\":\\s*\"(?:[^\"\\\\]|\\\\.)*\"", RegexOptions.None, TimeSpan.FromSeconds(1));
                if (pattern.IsMatch(step))
                {
                    yield return (at, pattern.Replace(step, _ => $"\"{name}\":{JsonSerializer.Serialize(code, s_json)}", 1));
                }
            }
        }
    }

    private static string Target(string step) => step.Split(" {")[0].Split('?')[0].Trim();

    private static IEnumerable<(int At, JsonObject Object)> ObjectsIn(string text)
    {
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0; at = text.IndexOf('{', at + 1))
        {
            if (Parse(text[at..]) is { Count: > 0 } found)
            {
                yield return (at, found);
            }
        }
    }

    private static JsonObject? Parse(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
            return JsonNode.Parse(ref reader) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject found => found.SelectMany(member => Objects(member.Value)).Append(found),
        JsonArray list => list.SelectMany(Objects),
        _ => [],
    };

    [GeneratedRegex(@"\{[a-z_]+\}")]
    private static partial Regex OpenPart();

    [GeneratedRegex("[Mm]ean(?:t)? ['\"`]([^'\"`]+)['\"`]")]
    private static partial Regex MeantName();

    [GeneratedRegex(@"['`]([^'`\s]+)['`]")]
    private static partial Regex QuotedName();

    [GeneratedRegex(@"`(?<code>[^`]+)`|[Mm]ean (?<code>[^'""`\s]\S*)\?|""(?<code>[^""]*\$\{[^""]+\})""")]
    private static partial Regex Code();
}
