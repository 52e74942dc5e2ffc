using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Packs;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_install_pack</c>: puts a pack in, or a newer version of one, as one event.</summary>
internal sealed class InstallPack : PackBuiltIn
{
    private static readonly ParamSet s_params = Declare("""{"pack": {"type": "any", "required": true}, "replace": {"type": "array", "items": {"type": "string"}, "default": []}}""");

    public override string Id => BuiltInIds.InstallPack;

    public override string Description => "Put a pack of actions, views, help and first values in, or upgrade it, as one step; what the room changed stays. Preview with dry_run.";

    public override JsonText ParamsJson { get; } = Json("""
        {
          "pack": {"type": "any", "required": true, "description": "task_queue, vote, review, blackboard, coding_fleet, or a document (JSON, or YAML as a text)"},
          "replace": {"type": "array", "items": {"type": "string"}, "description": "parts to take from the pack although the room has changed them, such as actions.vote"}
        }
        """);

    /// <remarks>Errors: <c>invalid_pack pack_not_found payload_too_large</c>, and those of registering and writing its parts, with <c>part</c>.</remarks>
    public override Outcome<InvocationEffect> Invoke(InvocationInput input)
    {
        if (!s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error) || !PackParser.Read(bound["pack"], input.Limits).Try(out var pack, out error))
        {
            return error;
        }

        var replace = bound["replace"].EnumerateArray().Select(static name => name.GetString()!).ToHashSet(StringComparer.Ordinal); // Each is a string.
        if (!PackInstallation.Install(input, pack, replace).Try(out var done, out error))
        {
            return error;
        }

        // The log has the texts with what they have become.
        var logged = new JsonObject { ["pack"] = new JsonObject { ["name"] = pack.Name, ["version"] = pack.Version } };
        if (replace.Count > 0)
        {
            logged["replace"] = new JsonArray([.. replace.Order(StringComparer.Ordinal).Select(static name => (JsonNode)name)]);
        }

        return Effect(input, done, JsonText.Of(logged));
    }
}
