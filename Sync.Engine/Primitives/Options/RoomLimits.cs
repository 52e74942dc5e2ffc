using Sync.Cel.Values.Limits;

namespace Sync.Engine.Primitives.Options;

/// <summary>Bounds of one room and its requests.</summary>
public sealed record RoomLimits
{
    /// <summary>Bytes of one entry's value as compact JSON.</summary>
    public int ValueBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of one message, with its envelope.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes of one definition, of an action or a view.</summary>
    public int DefinitionBytes { get; init; } = 128 * 1024;

    /// <summary>Bytes of an agent's <c>meta</c>.</summary>
    public int MetaBytes { get; init; } = 16 * 1024;

    /// <summary>Bytes of one room: the keys, values and conditions of all its entries.</summary>
    public long RoomBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Depth of a JSON value that comes in, at most <see cref="EngineOptions.MaxJsonDepth"/>.</summary>
    public int JsonDepth { get; init; } = 32;

    /// <summary>Entries of one room, all scopes together.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Custom actions of one room.</summary>
    public int Actions { get; init; } = 1_000;

    /// <summary>Views of one room.</summary>
    public int Views { get; init; } = 1_000;

    /// <summary>Agents of one room.</summary>
    public int Agents { get; init; } = 1_000;

    /// <summary>Agents of one user in one room.</summary>
    public int AgentsPerUser { get; init; } = 100;

    /// <summary>Actions, and as many views, that one agent has registered in one room.</summary>
    public int DefinitionsPerAgent { get; init; } = 300;

    /// <summary>Leases that are held in one room.</summary>
    public int Leases { get; init; } = 25_000;

    /// <summary>Leases that one agent holds.</summary>
    public int LeasesPerAgent { get; init; } = 2_000;

    /// <summary>Write templates of one action.</summary>
    public int WritesPerAction { get; init; } = 64;

    /// <summary>Parked waits of one room.</summary>
    public int Waits { get; init; } = 20_000;

    /// <summary>Commands of one room that may stand in line.</summary>
    public int QueuedCommands { get; init; } = 4_096;

    /// <summary>Those of one agent among them.</summary>
    public int QueuedCommandsPerAgent { get; init; } = 512;

    /// <summary>Bytes of one answer, or of one event of a stream. What does not fit is named, with the query for the rest.</summary>
    public int AnswerBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of one context.</summary>
    public int ContextBytes { get; init; } = 256 * 1024;

    /// <summary>Bytes of one context for a reader that pays for each, such as a model's.</summary>
    public int LeanContextBytes { get; init; } = 60_000;

    /// <summary>Parked waits of one agent.</summary>
    public int WaitsPerAgent { get; init; } = 500;

    /// <summary>Parked waits of one token, in all rooms.</summary>
    public int WaitsPerToken { get; init; } = 1_000;

    /// <summary>Parked waits of one user, in all rooms.</summary>
    public int WaitsPerUser { get; init; } = 2_000;

    /// <summary>Event streams and open pages of one room.</summary>
    public int Streams { get; init; } = 5_000;

    /// <summary>Event streams and open pages of one token, in all rooms.</summary>
    public int StreamsPerToken { get; init; } = 200;

    /// <summary>Event streams and open pages of one user, in all rooms.</summary>
    public int StreamsPerUser { get; init; } = 400;

    /// <summary>Request keys that count in one room: of the last 24 hours.</summary>
    public int RequestKeys { get; init; } = 200_000;

    /// <summary>Request keys of one agent that count.</summary>
    public int RequestKeysPerAgent { get; init; } = 20_000;

    /// <summary>Rooms of which one user is an owner.</summary>
    public int RoomsPerUser { get; init; } = 1_000;

    /// <summary>How long a wait lasts that does not say it: less than proxies commonly leave an answer without a byte.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Longest wait that may be asked for.</summary>
    public TimeSpan MaxWaitTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Live tokens of one user; what tokens mint may be half of them.</summary>
    public int TokensPerUser { get; init; } = 1_000;

    /// <summary>Expression limits.</summary>
    public CelLimits Cel { get; init; } = new();
}
