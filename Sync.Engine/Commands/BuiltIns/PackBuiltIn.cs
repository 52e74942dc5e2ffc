using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Packs;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>A built-in action that puts a pack in or takes one out.</summary>
internal abstract class PackBuiltIn : BuiltIn
{
    public sealed override bool IsOfUseIn(RoomState state) => state.Scope(ReservedScopes.Packs) is { Entries.IsEmpty: false };

    /// <summary>Its event and its answer.</summary>
    /// <param name="input">The invocation.</param>
    /// <param name="done">What it did.</param>
    /// <param name="parameters">The parameters as the log and the answer give them.</param>
    private protected static InvocationEffect Effect(InvocationInput input, PackInstallation done, JsonText parameters)
    {
        var e = done.ToEvent(input.Head(parameters));
        var writes = done.Steps.Done.SelectMany(static step => step.Effect.Body!.Writes).Select(static write => write with { IsCut = write.Value is not null || write.Edit is not null }).ToList(); // Each writes.
        var body = new AnswerBody(input with { Params = parameters.ToElement() }, Bound: null, writes, Result: null, IsWithheld: false, writer => PackAnswer.WriteTo(writer, done));
        return new InvocationEffect(e, done.After, () => InvocationAnswer.Write(body, e.Seq)) { Body = body };
    }
}
