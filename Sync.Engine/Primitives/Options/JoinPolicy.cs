namespace Sync.Engine.Primitives.Options;

/// <summary>Who may join a room without a token.</summary>
public enum JoinPolicy
{
    /// <summary>Whoever knows the room's id.</summary>
    Open,
    /// <summary>Only a token with write access.</summary>
    Members,
}
