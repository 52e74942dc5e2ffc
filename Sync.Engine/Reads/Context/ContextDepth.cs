namespace Sync.Engine.Reads.Context;

/// <summary>The level of detail of actions and views in a context.</summary>
public enum ContextDepth
{
    /// <summary>Availability and description.</summary>
    Lean,

    /// <summary>Definitions too.</summary>
    Full,

    /// <summary>Definitions and invocation counts.</summary>
    Usage,
}
