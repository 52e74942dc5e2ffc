namespace Sync.Engine.Services.Onboarding;

/// <summary>How far a person has come with the first things one does on a server. What is done is found in what there is, so that no step is done by saying so.</summary>
/// <param name="HasRecoveryCodes">Whether recovery codes are left: without them a lost device is a lost account.</param>
/// <param name="Room">The room of the person's, where they own one, that was made last; null where they own none.</param>
/// <param name="HasAgent">Whether a program has used a token of theirs.</param>
/// <param name="HasDecided">Whether they have decided on something that an agent asked for.</param>
public sealed record FirstSteps(bool HasRecoveryCodes, string? Room, bool HasAgent, bool HasDecided)
{
    /// <summary>How many there are.</summary>
    public const int Count = 4;

    /// <summary>How many of them are done.</summary>
    public int Done => (HasRecoveryCodes ? 1 : 0) + (Room is null ? 0 : 1) + (HasAgent ? 1 : 0) + (HasDecided ? 1 : 0);

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsComplete => Done == Count;
}
