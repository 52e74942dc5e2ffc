namespace Sync.Engine.Primitives.Options;

/// <summary>What an operator may set about the engine.</summary>
public sealed record EngineOptions
{
    /// <summary>Folder of the database; created when absent.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Join policy of rooms that name none.</summary>
    public JoinPolicy Join { get; init; } = JoinPolicy.Open;

    /// <summary>Who may register once the first user exists.</summary>
    public RegistrationPolicy Registration { get; init; } = RegistrationPolicy.Invite;

    /// <summary>Base address in the links of errors (<c>elevate</c>).</summary>
    public string PublicUrl { get; init; } = "http://localhost:5080";

    /// <summary>How long a passkey that was shown lets its person change how they sign in.</summary>
    public TimeSpan ConfirmedFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most that <see cref="RoomLimits.JsonDepth"/> may be: what surrounds a value in an answer comes on top, and answers nest at most 64 deep.</summary>
    public const int MaxJsonDepth = Primitives.Json.JsonRules.MaxDepth;

    /// <summary>Bounds of rooms.</summary>
    public RoomLimits Limits { get; init; } = new();
}
