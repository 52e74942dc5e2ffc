namespace Sync.Engine.Primitives.Options;

/// <summary>Who may register once the first user exists.</summary>
public enum RegistrationPolicy
{
    /// <summary>Whoever holds an invitation.</summary>
    Invite,
    /// <summary>Everybody.</summary>
    Open,
    /// <summary>Nobody.</summary>
    Closed,
}
