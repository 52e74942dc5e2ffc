namespace Sync.Engine.Primitives.Access;

/// <summary>The levels of access to a room; each includes the ones before it.</summary>
public enum AccessLevel
{
    /// <summary>Nothing: the room might as well not exist.</summary>
    None,
    /// <summary>See single views and nothing else of the room. Below reading, so that whatever asks for reading refuses it.</summary>
    Views,
    /// <summary>Read context, wait, watch.</summary>
    Read,
    /// <summary>Read, and act as one agent.</summary>
    Write,
    /// <summary>Everything, as any agent: full access.</summary>
    Admin,
}

/// <summary>A user's role in a room.</summary>
public enum Role
{
    /// <summary>Watches.</summary>
    Observer,
    /// <summary>Acts; redefines and deletes what they registered themselves.</summary>
    Participant,
    /// <summary>Acts; redefines and deletes any action or view of scope <c>_shared</c>.</summary>
    Collaborator,
    /// <summary>Holds the room.</summary>
    Owner,
}
