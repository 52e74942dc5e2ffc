namespace Sync.Engine.Primitives.Ids;

/// <summary>A section of a context. Contexts list them in this order.</summary>
public enum ContextSection
{
    /// <summary>Scopes and their entries.</summary>
    State,

    /// <summary>Views and their values.</summary>
    Views,

    /// <summary>Agents and their presence.</summary>
    Agents,

    /// <summary>Actions and their availability.</summary>
    Actions,

    /// <summary>Messages and the counts of those unread.</summary>
    Messages,

    /// <summary>Leases that are held; there only where any is, or where they are asked for.</summary>
    Leases,
}
