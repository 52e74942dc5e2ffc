using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Help;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>help</c>: reads guidance. Commits nothing, so a reader may invoke it too.</summary>
internal sealed class HelpAction : BuiltIn
{
    private static readonly ParamSet s_params = Declare("""{"key": {"type": "string", "description": "one of the keys that help without a key lists"}}""");

    public override string Id => BuiltInIds.Help;

    public override string Description => "Read guidance: without a key the list of keys, with a key its text.";

    public override JsonText ParamsJson { get; } = Json("""{"key": {"type": "string", "description": "a help key; left out: the list of keys"}}""");

    public override AccessLevel Needs => AccessLevel.Read;

    public override Outcome<InvocationEffect> Invoke(InvocationInput input)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        var key = bound.TryGetValue("key", out var named) && named.ValueKind != JsonValueKind.Null ? named.GetString() : null;
        var room = input.Moment.Record?.Id;
        return Read(input.Moment.State, room, key, input.Steps).Try(out var answer, out error) ? new InvocationEffect(Event: null, input.Moment.State, answer.ToText) : error;
    }

    /// <summary>What help says in a room, or with nulls for who is in none.</summary>
    public static Outcome<HelpAnswer> Read(RoomState? state, string? room, string? key, IStepRenderer steps)
    {
        ImmutableArray<string> keys = [.. HelpTexts.Keys.Union(state?.Scope(ReservedScopes.Help)?.Entries.Keys ?? [])];
        if (key is null)
        {
            return HelpAnswer.List(keys, $"{steps.Call(NextStep.ReadHelp("guide", room))} gives the text of a key.");
        }

        if (state?.Find(ReservedScopes.Help, key) is { } entry)
        {
            return HelpAnswer.OfRoom(key, entry.Value, entry.Version, entry.Revision);
        }

        if (HelpTexts.Find(key) is { } text)
        {
            return HelpAnswer.OfSystem(key, text.For(steps, room), text.Version);
        }

        var near = HelpWords.KeyFor(key, keys);
        return new SyncError(ErrorCode.HelpKeyNotFound, $"There is no help for '{Identifiers.Shown(key)}'.")
        {
            Hint = near is null ? "Choose one of the available keys." : $"Did you mean '{near}'?",
        }.With("available", new JsonArray([.. keys.Select(k => (JsonNode)k)]));
    }
}
