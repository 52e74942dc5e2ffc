using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The answer that a retry gets, as it stands in the event of the first call: without the values that stand in the event anyway, which are put back when it is given, as far as
/// its reader may see them today.
/// </summary>
internal static class KeptAnswer
{
    // Shorter ones are not worth the work.
    private const int LongAnswer = 2 * 1024;

    private const string Writes = "writes";
    private const string Steps = "steps";
    private const string Parameters = "params";
    private const string Left = "_left";
    private const string Reads = "_reads";
    private const string From = "_from";
    private const string Result = "result";
    private const string Warnings = "warnings";
    private static readonly string[] s_kept = ["scope", "key", "revision", "deleted", "unchanged", "withheld"];

    /// <summary>What is kept of an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="e">The event it is kept with.</param>
    /// <param name="reads">The private scopes that its result was made of: who may not read them when it is given again does not get it.</param>
    /// <param name="made">Its writes: what their places were chosen from.</param>
    public static JsonText Of(JsonText answer, RoomEvent e, ImmutableArray<string> reads, IReadOnlyList<AnswerWrite> made)
    {
        var isChosen = made.Any(static write => !write.ChosenFrom.IsEmpty);
        if ((answer.Length <= LongAnswer && reads.IsEmpty && !isChosen) || answer.ToNode() is not JsonObject node)
        {
            return answer;
        }

        foreach (var (write, of) in isChosen ? WritesOf(node).Zip(made).Where(static pair => !pair.Second.ChosenFrom.IsEmpty) : [])
        {
            write[From] = new JsonArray([.. of.ChosenFrom.Select(static scope => (JsonNode)scope)]);
        }

        if (!reads.IsEmpty)
        {
            node[Reads] = new JsonArray([.. reads.Select(static scope => (JsonNode)scope)]);
        }

        if (answer.Length <= LongAnswer)
        {
            return JsonText.Of(node);
        }

        var left = new JsonArray();
        var index = 0;
        foreach (var write in WritesOf(node))
        {
            if (write["value"] is { } value && ValueIn(e, write) is { } logged && JsonText.Of(value).Equals(logged))
            {
                write["value"] = null;
                left.Add((JsonNode)index);
            }

            index++;
        }

        if (node[Parameters] is { } parameters && e.Params is { } given && JsonText.Of(parameters).Equals(given))
        {
            node[Parameters] = null;
            left.Add((JsonNode)Parameters);
        }

        if (left.Count == 0)
        {
            return reads.IsEmpty && !isChosen ? answer : JsonText.Of(node);
        }

        node[Left] = left;
        return JsonText.Of(node);
    }

    /// <summary>A whole answer that is kept, with the private scopes that its result was made of.</summary>
    public static JsonText WithReads(JsonText answer, ImmutableArray<string> reads)
    {
        if (reads.IsEmpty || answer.ToNode() is not JsonObject node)
        {
            return answer;
        }

        node[Reads] = new JsonArray([.. reads.Select(static scope => (JsonNode)scope)]);
        return JsonText.Of(node);
    }

    /// <summary>The answer for its reader now.</summary>
    public static JsonText Restore(JsonText kept, RoomEvent e, VisibleScopes visible)
    {
        if (kept.ToNode() is not JsonObject node)
        {
            return kept;
        }

        visible = visible.At(e.Seq);
        var writes = WritesOf(node).ToList();
        var changed = false;
        if (node[Reads] is JsonArray reads)
        {
            changed = node.Remove(Reads);
            if (reads.Any(scope => !visible.Sees(scope!.GetValue<string>())))
            {
                foreach (var part in PartsOf(node).Where(static part => part.Remove(Result)))
                {
                    part["withheld"] = true;
                }
            }
        }

        if (node[Left] is JsonArray left)
        {
            changed = node.Remove(Left);
            foreach (var item in left)
            {
                if (item!.GetValueKind() == System.Text.Json.JsonValueKind.String)
                {
                    node[Parameters] = e.Params?.ToNode();
                    continue;
                }

                var write = writes[item.GetValue<int>()]; // Written by Of.
                write["value"] = ValueIn(e, write)?.ToNode();
            }
        }

        changed |= WithholdPlaces(writes, visible);
        foreach (var write in writes.Where(write => write["scope"] is { } scope && !visible.Sees(scope.GetValue<string>())))
        {
            foreach (var field in write.Select(static field => field.Key).Except(s_kept).ToList())
            {
                changed |= write.Remove(field);
            }
        }

        // What stands in a scope is told to who reads it.
        foreach (var warnings in PartsOf(node).Select(static part => part[Warnings]).OfType<JsonArray>())
        {
            changed |= warnings.RemoveAll(warning => warning?["scope"] is JsonValue scope && !visible.Sees(scope.GetValue<string>())) > 0;
        }

        return changed ? JsonText.Of(node) : kept;
    }

    /// <summary>The leases that an answer gave or renewed, with their fences: it is given again only while they live.</summary>
    public static IEnumerable<(string Key, long Fence)> LeasesOf(JsonText answer)
    {
        if (answer.Span.IndexOf("\"fence\""u8) < 0 || answer.ToNode() is not JsonObject node)
        {
            yield break;
        }

        foreach (var part in PartsOf(node))
        {
            foreach (var lease in (part["leases"] as JsonArray ?? []).OfType<JsonObject>().Append(part["claimed"] is null ? [] : part))
            {
                if (lease["key"] is JsonValue key && lease["fence"] is JsonValue fence && key.TryGetValue<string>(out var name) && fence.TryGetValue<long>(out var number))
                {
                    yield return (name, number);
                }
            }
        }
    }

    // Keys that were chosen from what the reader may not read now, in scopes that they may not read: the same as of an answer that is given today.
    private static bool WithholdPlaces(List<JsonObject> writes, VisibleScopes visible)
    {
        var changed = false;
        foreach (var write in writes.Where(static write => write.ContainsKey(From)))
        {
            changed = true;
            var mayRead = write[From]!.AsArray().All(scope => visible.Sees(scope!.GetValue<string>())); // Written by Of.
            write.Remove(From);
            if (!mayRead && write["scope"] is { } place && !visible.Sees(place.GetValue<string>()) && write.Remove("key"))
            {
                write["withheld"] = true;
            }
        }

        return changed;
    }

    // The answer of a batch is made of those of its steps.
    private static IEnumerable<JsonObject> PartsOf(JsonObject answer) => answer[Steps] is JsonArray steps ? steps.OfType<JsonObject>() : [answer];

    private static IEnumerable<JsonObject> WritesOf(JsonObject answer) => PartsOf(answer).SelectMany(static part => part[Writes] is JsonArray writes ? writes.OfType<JsonObject>() : []);

    private static JsonText? ValueIn(RoomEvent e, JsonObject write)
    {
        var (scope, key) = (write["scope"]?.GetValue<string>(), write["key"]?.GetValue<string>());
        return e.Changes.LastOrDefault(change => change.Kind == ChangeKind.Put && change.Scope == scope && change.Key == key) is { HoldsValue: true } change ? change.Value : null;
    }
}
