using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Packs;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary><c>_uninstall_pack</c>: takes out what a pack put there and nobody has changed since, as one event.</summary>
internal sealed class UninstallPack : PackBuiltIn
{
    private static readonly ParamSet s_params = Declare("""{"pack": {"type": "string", "required": true}}""");

    public override string Id => BuiltInIds.UninstallPack;

    public override string Description => "Take an installed pack out: what it put there and nobody changed. What stays is listed. Preview with dry_run.";

    public override JsonText ParamsJson { get; } = Json("""{"pack": {"type": "string", "required": true, "description": "name of an installed pack"}}""");

    /// <remarks>Errors: <c>pack_not_found</c>, and those of deleting its parts, with <c>part</c>.</remarks>
    public override Outcome<InvocationEffect> Invoke(InvocationInput input) =>
        s_params.Bind(input.Params, Id, input.Budget).Try(out var bound, out var error) && PackInstallation.Remove(input, bound["pack"].GetString()!).Try(out var done, out error)
            ? Effect(input, done, JsonText.Of(new JsonObject { ["pack"] = done.Name }))
            : error;
}
