using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.Leases;

/// <summary>The refusal for who can hold nothing.</summary>
internal static class LeaseHolder
{
    /// <summary>Leases are held by agents.</summary>
    public static SyncError None(string action) => new(ErrorCode.IdentityMismatch, $"A lease is held by an agent, and this token acts as none.")
    {
        Hint = $"Name one beside 'params' of {action}: {{\"agent\": \"alice\", \"params\": {{…}}}}.",
    };
}
