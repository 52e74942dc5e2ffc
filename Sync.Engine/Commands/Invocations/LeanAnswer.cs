using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The form of an answer for readers that pay for each byte and know what they sent: without the parameters, without values that were among them, without the definition that was
/// registered. What an answer about a definition reports beyond that is bounded, and says what it leaves out and how to read it. Made of the whole answer, so that a retry's is the same.
/// </summary>
internal static class LeanAnswer
{
    // An answer about a definition has 1,500 characters at most; the notes on what was left out need some of them.
    private const int MaxOfDefinition = 1_100;
    private const int MaxViewValue = 500;

    // Shorter values cost less than to say that they are missing.
    private const int MaxEcho = 64;

    private static readonly string[] s_ofValue = ["value", "element", "members", "set"];

    /// <summary>The lean form.</summary>
    /// <param name="answer">The whole answer.</param>
    /// <param name="steps">How calls are said.</param>
    /// <param name="room">The room that was asked.</param>
    public static JsonText Of(JsonText answer, IStepRenderer steps, string room)
    {
        if (answer.ToNode() is JsonObject pending && pending.ContainsKey("pending"))
        {
            return Told(answer, steps, room);
        }

        if (answer.ToNode() is not JsonObject whole || whole["action"]?.GetValue<string>() is not { } action || !whole.ContainsKey("invoked"))
        {
            // Help is what was asked for.
            return answer;
        }

        var sent = new List<string>();
        Collect(whole["params"], sent);
        whole.Remove("params");
        if (IsOfDefinition(action))
        {
            return JsonText.Of(OfDefinition(whole, steps, room));
        }

        LeaveEchoesOut(whole, action, sent);
        foreach (var step in (whole["steps"] as JsonArray ?? []).OfType<JsonObject>())
        {
            step.Remove("params");
            LeaveEchoesOut(step, step["action"]?.GetValue<string>() ?? "", sent);
        }

        return JsonText.Of(whole);
    }

    /// <summary>The answer of an invocation that waits for a decision, with the call that waits for it in the words of the surface that asked.</summary>
    public static JsonText Told(JsonText answer, IStepRenderer steps, string room)
    {
        if (answer.ToNode() is not JsonObject whole || whole["wait"]?.GetValue<string>() is not { } condition)
        {
            return answer;
        }

        whole["hint"] = $"{whole["hint"]?.GetValue<string>()} {steps.Sentence(NextStep.Wait(room, condition))}".TrimStart();
        return JsonText.Of(whole);
    }

    private static bool IsOfDefinition(string action) => action is BuiltInIds.RegisterAction or BuiltInIds.RegisterView or BuiltInIds.DeleteAction or BuiltInIds.DeleteView;

    // Of one invocation, or of one step of several.
    private static void LeaveEchoesOut(JsonObject answer, string action, List<string> sent)
    {
        if (action is BuiltInIds.SendMessage or BuiltInIds.InstallPack or BuiltInIds.UninstallPack)
        {
            // The message's number, or the names of a pack's parts, say the rest.
            answer.Remove("writes");
        }

        if (answer["writes"] is not JsonArray writes)
        {
            return;
        }

        foreach (var write in writes.OfType<JsonObject>())
        {
            foreach (var field in s_ofValue)
            {
                if (write[field]?.ToJsonString() is { Length: > MaxEcho } value && (IsOfDefinition(action) || sent.Exists(text => value.Contains(text, StringComparison.Ordinal))))
                {
                    write.Remove(field);
                }
            }
        }
    }

    // Long parts of the parameters, as they stand in JSON. The whole of a list or object is there by its long parts, or is long itself.
    private static void Collect(JsonNode? node, List<string> sent)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, member) in members)
                {
                    AddLong(member, sent);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    AddLong(item, sent);
                }

                break;
        }
    }

    private static void AddLong(JsonNode? node, List<string> sent)
    {
        if (node?.ToJsonString() is not { Length: > MaxEcho } text)
        {
            return;
        }

        // A text may stand inside a longer one.
        sent.Add(node is JsonValue ? text[1..^1] : text);
        Collect(node, sent);
    }

    private static JsonObject OfDefinition(JsonObject whole, IStepRenderer steps, string room)
    {
        var lean = new JsonObject();
        var (writes, warnings) = (Take(whole, "writes") as JsonArray, Group(Take(whole, "warnings") as JsonArray));
        var (targets, competing, redefinition) = (Take(whole, "contested_targets") as JsonArray, Take(whole, "competing_actions") as JsonArray, Take(whole, "redefinition") as JsonObject);
        var value = whole.ContainsKey("value") ? whole["value"] : null;
        var (hasValue, id, seq) = (whole.Remove("value"), (writes?.FirstOrDefault() as JsonObject)?["key"]?.GetValue<string>() ?? "", whole["seq"]?.GetValue<long>() ?? 0);
        whole.Remove("view");
        foreach (var (name, member) in whole.ToList())
        {
            whole.Remove(name);
            lean[name] = member;
        }

        foreach (var write in writes?.OfType<JsonObject>() ?? [])
        {
            write.Remove("value");
            if (lean.ContainsKey("version"))
            {
                write.Remove("version");
            }
        }

        lean["writes"] = writes;
        var more = new List<(string What, NextStep Step)>();
        if (hasValue)
        {
            AddIf(lean, "value", value, MaxViewValue, "value", NextStep.Evaluate(room, $"views[{JsonText.Of(id)}]"), more);
        }

        var left = AddWhile(lean, "warnings", warnings, step: null, more);
        if (left > 0)
        {
            // They are about the definition, so whoever mends what is said sees the others by registering it again.
            lean["warnings_left"] = left;
        }

        var contested = NextStep.Evaluate(room, "views._contested");
        AddWhile(lean, "competing_actions", competing, contested, more);
        AddWhile(lean, "contested_targets", targets, contested, more);
        if (redefinition is not null)
        {
            var before = NextStep.ReadContext(room, NextStep.Only([ContextSection.Actions]), new("depth", "full"), new("at", seq - 1));
            if (redefinition["previous_writes"]?.ToJsonString().Length > MaxOfDefinition - Length(lean) - Length(redefinition))
            {
                redefinition.Remove("previous_writes");
                more.Add(("previous_writes", before));
            }

            AddIf(lean, "redefinition", redefinition, MaxOfDefinition - Length(lean), "redefinition", before, more);
        }

        if (more.Count > 0)
        {
            lean["read"] = new JsonArray([.. more.DistinctBy(static left => left.Step.ToString()).Select(left => (JsonNode)$"{left.What}: {steps.Call(left.Step)}")]);
        }

        return lean;
    }

    private static JsonNode? Take(JsonObject from, string name)
    {
        var node = from[name];
        from.Remove(name);
        return node;
    }

    private static int Length(JsonNode node) => node.ToJsonString().Length;

    private static void AddIf(JsonObject lean, string name, JsonNode? node, int max, string what, NextStep step, List<(string, NextStep)> more)
    {
        if ((node?.ToJsonString().Length ?? 0) <= max)
        {
            lean[name] = node;
        }
        else
        {
            more.Add((what, step));
        }
    }

    // As many items as fit; how many are left.
    private static int AddWhile(JsonObject lean, string name, JsonArray? items, NextStep? step, List<(string, NextStep)> more)
    {
        if (items is null || items.Count == 0)
        {
            return 0;
        }

        var shown = new JsonArray();
        var space = (MaxOfDefinition - Length(lean)) / 2;
        foreach (var item in items.ToList())
        {
            space -= (item?.ToJsonString().Length ?? 4) + 1;
            if (space < 0)
            {
                break;
            }

            items.Remove(item);
            shown.Add(item);
        }

        if (shown.Count > 0)
        {
            lean[name] = shown;
        }

        if (items.Count > 0 && step is not null)
        {
            more.Add((string.Create(CultureInfo.InvariantCulture, $"{name}, {items.Count} more"), step));
        }

        return items.Count;
    }

    // The same warning about many fields is one, which says how many more it is about.
    private static JsonArray? Group(JsonArray? warnings)
    {
        if (warnings is null)
        {
            return null;
        }

        var grouped = new JsonArray();
        foreach (var same in warnings.OfType<JsonObject>().ToList().GroupBy(static warning => $"{warning["code"]}\n{warning["message"]}"))
        {
            var first = same.First();
            warnings.Remove(first);
            if (same.Count() > 1)
            {
                first["more_fields"] = same.Count() - 1;
            }

            grouped.Add((JsonNode)first);
        }

        return grouped;
    }
}
