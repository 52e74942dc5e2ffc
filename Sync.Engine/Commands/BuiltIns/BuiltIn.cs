using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>An action every room has. Stateless.</summary>
internal abstract class BuiltIn
{
    private static readonly ImmutableSortedDictionary<string, BuiltIn> s_all =
        new BuiltIn[] { new RegisterAction(), new DeleteAction(), new RegisterView(), new DeleteView(), new SendMessage(), new HelpAction(), new Batch(), new Decide(), new ClaimLease(), new RenewLease(), new ReleaseLease(), new HandOverLease(), new PauseAction(), new ResumeAction(), new RevertAction(), new InstallPack(), new UninstallPack() }
            .ToImmutableSortedDictionary(b => b.Id, b => b, StringComparer.Ordinal);

    public static IEnumerable<BuiltIn> All => s_all.Values;

    public abstract string Id { get; }

    public abstract string Description { get; }

    /// <summary>Its parameters, as JSON for readers.</summary>
    public abstract JsonText ParamsJson { get; }

    /// <summary>The least access that may invoke it.</summary>
    public virtual AccessLevel Needs => AccessLevel.Write;

    /// <summary>Whether a room has what it is about: where it has not, contexts leave it out, and help names it.</summary>
    public virtual bool IsOfUseIn(RoomState state) => true;

    /// <summary>Whether it asks for the fence itself. Of any other, the fence that a call gives is one that its agent holds.</summary>
    public virtual bool ReadsFence => false;

    public static BuiltIn? Find(string id) => s_all.GetValueOrDefault(id);

    /// <summary>Runs it for a caller who has the access that it needs.</summary>
    public abstract Outcome<InvocationEffect> Invoke(InvocationInput input);

    /// <summary>Reads the single string parameter of the deleting actions.</summary>
    protected static Outcome<string> IdParam(InvocationInput input, string action)
    {
        if (!s_idOnly.Bind(input.Params, action, input.Budget).Try(out var bound, out var error))
        {
            return error;
        }

        return bound["id"].GetString()!;
    }

    protected static JsonText Json(string text) => JsonText.Of(JsonDocument.Parse(text).RootElement);

    /// <summary>Declared parameters, which are right.</summary>
    internal static ParamSet Declare(string parameters) => ParamSet.Parse(JsonElement.Parse(parameters)).Value;

    private static readonly ParamSet s_idOnly = Declare("""{"id":{"type":"string","required":true,"description":"the id to remove"}}""");
}
