using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel;
using Sync.Engine.Help;
using Sync.Engine.Json;
using Sync.Engine.Rooms;

namespace Sync.Engine.Actions.BuiltIns;

/// <summary><c>help</c>: reads guidance. Commits nothing, so a reader may invoke it too.</summary>
internal sealed class HelpAction : BuiltIn
{
    private static readonly ParamSet s_params =
        ParamSet.Parse(JsonDocument.Parse("""{"key": {"type": "string", "description": "one of the keys that help without a key lists"}}""").RootElement).Value;

    public override string Id => BuiltInIds.Help;

    public override string Description => "Read guidance: without a key the list of keys, with a key its text.";

    public override JsonText ParamsJson { get; } = Json("""{"key": {"type": "string", "description": "a help key; left out: the list of keys"}}""");

    public override AccessLevel Needs => AccessLevel.Read;

    public override Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var key = bound.TryGetValue("key", out var named) && named.ValueKind != JsonValueKind.Null ? named.GetString() : null;
        return Read(input.Moment.State, key).Try(out var answer, out error) ? new BuiltInEffect([], WriteMore: null, answer) : error;
    }

    /// <summary>What help says in a room, or with null for who is in none.</summary>
    public static Outcome<JsonText> Read(RoomState? state, string? key)
    {
        const string Id = "help";
        var keys = HelpTexts.Keys.Union(state?.Scope(Names.Help)?.Entries.Keys ?? []).ToArray();
        if (key is null)
        {
            return JsonText.Of(new JsonObject
            {
                ["invoked"] = true,
                ["action"] = Id,
                ["keys"] = new JsonArray([.. keys.Select(k => (JsonNode)k)]),
                ["usage"] = "Invoke help with {\"params\": {\"key\": \"guide\"}}.",
            });
        }

        var entry = state?.Find(Names.Help, key);
        var system = entry is null ? HelpTexts.Find(key) : null;
        if (entry is null && system is null)
        {
            var near = DidYouMean.Nearest(key, keys);
            return new SyncError(ErrorCode.HelpKeyNotFound, $"There is no help for '{Names.Shown(key)}'.")
            {
                Hint = near is null ? "Choose one of the available keys." : $"Did you mean '{near}'?",
            }.With("available", new JsonArray([.. keys.Select(k => (JsonNode)k)]));
        }

        return JsonText.Of(new JsonObject
        {
            ["invoked"] = true,
            ["action"] = Id,
            ["key"] = key,
            ["content"] = entry is null ? system!.Content.ToNode() : entry.Value.ToNode(),
            ["version"] = entry?.Version ?? system!.Version,
            ["revision"] = entry?.Revision ?? 0,
            ["source"] = entry is null ? "system" : "room",
        });
    }
}
