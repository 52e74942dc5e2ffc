using Sync.Engine.Primitives.Options;

namespace Sync.Web.Options;

/// <summary>What an operator may set: section <c>Sync</c> of the configuration (<c>Sync__Name</c> in the environment).</summary>
public sealed record SyncOptions
{
    /// <summary>The address under which clients reach the server; links in answers begin with it. No trailing slash.</summary>
    public string PublicUrl { get; init; } = "http://localhost:5080";

    /// <summary>Origins of pages that may speak to MCP, beside the server's own and those of loopback.</summary>
    public IReadOnlyList<string> BrowserOrigins { get; init; } = [];

    /// <summary>Folder of the database, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Who may register once the first user exists.</summary>
    public RegistrationPolicy Registration { get; init; } = RegistrationPolicy.Invite;

    /// <summary>Defaults of rooms.</summary>
    public RoomsOptions Rooms { get; init; } = new();

    /// <summary>Whether an empty data folder gets the demo room.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>Bounds of requests and rooms.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Where webhooks are sent.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Where the data lives.</summary>
    public Storage Storage { get; init; } = Storage.Sqlite;

    /// <summary>Every setting as it was read, in order, for whoever administers the server. None of them is a secret.</summary>
    public IReadOnlyList<EffectiveSetting> Effective { get; init; } = [];

    /// <summary>The engine's part of the options.</summary>
    internal EngineOptions ForEngine() => new()
    {
        DataDirectory = DataDirectory,
        Join = Rooms.Join,
        Registration = Registration,
        PublicUrl = PublicUrl,
        ConfirmedFor = Limits.ConfirmedFor,
        Limits = Limits.Room,
    };
}

/// <summary>Where the data lives.</summary>
public enum Storage
{
    /// <summary>A file in the data folder.</summary>
    Sqlite,
}

/// <summary>Defaults of rooms.</summary>
public sealed record RoomsOptions
{
    /// <summary>Join policy of rooms that name none.</summary>
    public JoinPolicy Join { get; init; } = JoinPolicy.Open;
}

/// <summary>Bounds of requests and rooms.</summary>
public sealed record LimitOptions
{
    /// <summary>Requests a second that one token may make, sustained; twice as many in a burst.</summary>
    public int RequestsPerSecond { get; init; } = 2000;

    /// <summary>The same for an address whose requests carry no valid token.</summary>
    public int AnonymousRequestsPerSecond { get; init; } = 100;

    /// <summary>Requests a second that one address may make where secrets can be tried: sign-in, recovery, codes; twice as many in a burst.</summary>
    public int GuessesPerSecond { get; init; } = 5;

    /// <summary>Requests that one token, or one address without a valid one, may have under way at once, parked waits and streams among them.</summary>
    public int RequestsInFlight { get; init; } = 1500;

    /// <summary>Bytes a second that one token, or one address without a valid one, may be answered, sustained; twice as many in a burst.</summary>
    public int AnswerBytesPerSecond { get; init; } = 32 * 1024 * 1024;

    /// <summary>MCP sessions of one user, or of one token that has none. The one that was silent longest ends for a new one.</summary>
    public int SessionsPerUser { get; init; } = 100;

    /// <summary>Bytes of a request body.</summary>
    public int BodyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a request body may take to arrive.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a passkey that was shown lets its person change how they sign in.</summary>
    public TimeSpan ConfirmedFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bounds the engine keeps.</summary>
    public RoomLimits Room { get; init; } = new();
}
