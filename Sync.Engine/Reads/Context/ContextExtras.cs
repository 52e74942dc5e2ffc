namespace Sync.Engine.Reads.Context;

/// <summary>What a context has only when <c>include</c> asks for it.</summary>
[Flags]
public enum ContextExtras
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>The newest log events, as <c>_audit</c> in the state.</summary>
    Audit = 1,

    /// <summary>Messages as entries, as <c>_messages</c> in the state.</summary>
    Messages = 2,

    /// <summary>The newest invocations, as a section of their own.</summary>
    Activity = 4,

    /// <summary>For an owner who acts as an agent: the private scopes of the other agents.</summary>
    Private = 8,

    /// <summary>The newest writes of the one key that is asked for, as a section of their own.</summary>
    History = 16,

    /// <summary>All approvals, as a section of their own: those that are pending are there without it.</summary>
    Approvals = 32,
}
