using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Commands.Approvals;

/// <summary>On whose rights an invocation rests, as ids: what they are worth is looked up when it is decided.</summary>
/// <param name="Caller">Who called.</param>
/// <param name="Named">The agent that the call named, or null.</param>
internal sealed record InvocationOrigin(CallerIdentity Caller, string? Named)
{
    public static InvocationOrigin Nobody { get; } = new(new CallerIdentity(Token: null, System: null, AccessLevel.None, Session: null), Named: null);
}
