using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>A built-in action that writes entries of its own: most of them.</summary>
internal abstract class BuiltInWrite : BuiltIn
{
    public sealed override Outcome<InvocationEffect> Invoke(InvocationInput input) => Invocation.RunOnCopy(input, Run);

    /// <summary>Writes to the working copy.</summary>
    protected abstract Outcome<BuiltInEffect> Run(InvocationInput input, WorkingCopy copy);
}

/// <summary>The result of a built-in action: its writes, and what its answer has beyond the common fields.</summary>
/// <param name="Writes">The writes as the answer reports them.</param>
/// <param name="WriteMore">Adds fields to the answer, given the state after.</param>
internal sealed record BuiltInEffect(IReadOnlyList<AnswerWrite> Writes, Action<Utf8JsonWriter, RoomState>? WriteMore = null)
{
    /// <inheritdoc cref="InvocationEffect.RequiredApprovals"/>
    public ImmutableArray<ApprovalRule> RequiredApprovals { get; init; } = [];
}
