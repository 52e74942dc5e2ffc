using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sync.Web.Tests.FirstTry;

/// <summary>Applies an advice to the call that got it, literally: nothing is added that the advice does not say.</summary>
internal static partial class Repair
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

        foreach (var changed in Renamed(step, reply).Concat(Merged(step, reply.IsAccepted ? "" : reply.Message, reply.Advice)).Concat(Rewritten(step, reply.Advice)).Where(changed => changed != step).Distinct())
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
    private static IEnumerable<string> Merged(string step, string message, string advice)
    {
        if (step.IndexOf(" {", StringComparison.Ordinal) is var brace && brace < 0)
        {
            yield break;
        }

        foreach (var fragment in ObjectsIn(advice))
        {
            var body = JsonNode.Parse(step[(brace + 1)..])!; // It is an object.
            var unknown = QuotedName().Matches(message).Select(match => match.Groups[1].Value).ToList();
            var place = Objects(body).FirstOrDefault(place => unknown.Any(place.ContainsKey)) ?? Objects(body).FirstOrDefault(place => fragment.Any(member => place.ContainsKey(member.Key))) ?? body.AsObject();
            foreach (var name in unknown.Where(name => !fragment.ContainsKey(name)))
            {
                place.Remove(name);
            }

            if (fragment.ContainsKey("path") || fragment.ContainsKey("merge"))
            {
                place.Remove("value");
            }

            foreach (var (name, value) in fragment)
            {
                place[name] = value?.DeepClone();
            }

            yield return $"{step[..brace]} {body.ToJsonString(s_json)}";
        }
    }

    // 'Write `x.size()`': a whole expression or value takes the place of the one that is there.
    private static IEnumerable<string> Rewritten(string step, string advice)
    {
        foreach (var code in Code().Matches(advice).Select(match => match.Groups["code"].Value))
        {
            foreach (var name in (string[])["expr", "condition", "if", "enabled", "result", "value", "id", "key"])
            {
                var pattern = new Regex($"\"{name}\":\\s*\"(?:[^\"\\\\]|\\\\.)*\"", RegexOptions.None, TimeSpan.FromSeconds(1));
                if (pattern.IsMatch(step))
                {
                    yield return pattern.Replace(step, _ => $"\"{name}\":{JsonSerializer.Serialize(code, s_json)}", 1);
                }
            }
        }
    }

    private static string Target(string step) => step.Split(" {")[0].Split('?')[0].Trim();

    private static IEnumerable<JsonObject> ObjectsIn(string text)
    {
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0; at = text.IndexOf('{', at + 1))
        {
            if (Parse(text[at..]) is { Count: > 0 } found)
            {
                yield return found;
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
