using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Demo;

/// <summary>
/// The demo room: made through the engine's services when the data folder holds no room yet, and kept alive by four scripted agents for as long
/// as the server runs. It is nobody's room: it has no members, and only the server's own agents act in it.
/// </summary>
internal sealed partial class DemoRoom(
    SyncEngine engine, DemoAccess access, DemoPace pace, TimeProvider time, IConfiguration configuration, ILoggerFactory loggers)
{
    private const string Objective =
        "Finish the **field report** together.\n\n- the planner fills the queue\n- two workers take tasks from it\n- nobody approves their own work";

    private static readonly (string Id, string Name, string Role, Func<DemoActor, CancellationToken, Task> Part)[] s_cast =
    [
        ("planner", "Planner", "planner", DemoScript.PlanAsync),
        ("ada", "Ada", "worker", DemoScript.WorkAsync),
        ("bo", "Bo", "worker", DemoScript.WorkAsync),
        (DemoScript.Reviewer, "Rho", "reviewer", DemoScript.ReviewAsync),
    ];

    private const int MaxIds = 10;

    private readonly Caller _server = Caller.System(DemoAccess.Room);
    private readonly ILogger<DemoRoom> _log = loggers.CreateLogger<DemoRoom>();

    /// <summary>Makes or finds the room and plays until cancelled.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            var cast = configuration.GetValue("Sync:Demo", defaultValue: true) ? await PrepareAsync(stoppingToken) : [];
            access.Open(cast.Count > 0);
            await PlayAsync(cast, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception failure)
        {
            // A demo must never take the server down with it.
            LogFailed(failure);
        }
        finally
        {
            access.Open(exists: false);
        }
    }

    /// <summary>The agents, ready to run; none when this server is to have no demo room.</summary>
    private async Task<IReadOnlyList<Func<CancellationToken, Task>>> PrepareAsync(CancellationToken cancellationToken)
    {
        if (!engine.Rooms.Page(_server, after: null, limit: 1).Try(out var rooms, out var refusal))
        {
            LogRefused("list", refusal.Code, refusal.Message);
            return [];
        }

        var isNew = rooms.Total == 0;
        if (isNew)
        {
            var created = await engine.Rooms.CreateAsync(_server, new CreateRoom(DemoAccess.Room, DemoAccess.Name, JoinPolicy.Members), cancellationToken);
            if (!Accepted(created, "create"))
            {
                return [];
            }
        }
        else
        {
            var found = await engine.Rooms.GetAsync(_server, DemoAccess.Room, cancellationToken);
            if (!found.Try(out var room, out _) || !DemoAccess.IsDemo(room))
            {
                return [];
            }
        }

        var cast = new List<Func<CancellationToken, Task>>();
        string? planner = null;
        foreach (var (id, name, role, part) in s_cast)
        {
            if (await JoinAsync(id, name, role, cancellationToken) is not { } actor)
            {
                return [];
            }

            planner ??= actor.Id;
            cast.Add(stopping => part(actor, stopping));
        }

        return !isNew || await FurnishAsync(planner!, cancellationToken) ? cast : []; // The cast is not empty.
    }

    /// <summary>Runs the agents for as long as the server runs: one that fails starts over after a rest, and the others go on.</summary>
    private async Task PlayAsync(IReadOnlyList<Func<CancellationToken, Task>> cast, CancellationToken stoppingToken)
    {
        var options = new BackgroundLoopOptions { Name = "demo", Every = null, Time = time, Logger = _log, Health = engine.Health };
        var loops = cast.Select(part => BackgroundLoop.Start(options, part)).ToList();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken);
        }
        finally
        {
            foreach (var loop in loops)
            {
                await loop.DisposeAsync();
            }
        }
    }

    private async Task<DemoActor?> JoinAsync(string id, string name, string role, CancellationToken cancellationToken)
    {
        // An id may be a person's name by now; the part is then played under another.
        var joined = await JoinAsAsync(id, name, role, cancellationToken);
        for (var number = 2; joined.Error?.Code == ErrorCode.AgentExists && number < MaxIds; number++)
        {
            joined = await JoinAsAsync($"demo-{id}-{number}", name, role, cancellationToken);
        }

        if (!Accepted(joined, "join"))
        {
            return null;
        }

        id = joined.Value.Id;
        var authenticated = await engine.Access.AuthenticateAsync(joined.Value.Token, cancellationToken);
        return Accepted(authenticated, "token")
            ? new DemoActor(engine, authenticated.Value, id, pace, time, loggers.CreateLogger<DemoActor>())
            : null;
    }

    private Task<Outcome<AgentJoined>> JoinAsAsync(string id, string name, string role, CancellationToken cancellationToken) =>
        engine.Agents.JoinAsync(_server, DemoAccess.Room, JsonSerializer.SerializeToElement(new JsonObject { ["id"] = id, ["name"] = name, ["role"] = role }), cancellationToken);

    /// <summary>Registers the vocabulary and says what the room is for, as the planner.</summary>
    private async Task<bool> FurnishAsync(string planner, CancellationToken cancellationToken)
    {
        using var resource = typeof(DemoRoom).Assembly.GetManifestResourceStream("demo-vocabulary.json")
            ?? throw new InvalidOperationException("The demo's vocabulary is not in the assembly.");
        using var vocabulary = await JsonDocument.ParseAsync(resource, cancellationToken: cancellationToken);
        var wanted = vocabulary.RootElement.GetProperty("actions").EnumerateArray().Select(definition => ("_register_action", definition))
            .Concat(vocabulary.RootElement.GetProperty("views").EnumerateArray().Select(definition => ("_register_view", definition)))
            .Append(("set_objective", JsonSerializer.SerializeToElement(new JsonObject { ["text"] = Objective })));
        foreach (var (action, parameters) in wanted)
        {
            var request = new InvokeRequest { Params = parameters, Agent = planner };
            if (!Accepted(await engine.Actions.InvokeAsync(_server, DemoAccess.Room, action, request, cancellationToken), action))
            {
                return false;
            }
        }

        return true;
    }

    private bool Accepted<T>(Outcome<T> outcome, string what)
    {
        if (outcome.Error is { } refusal)
        {
            LogRefused(what, refusal.Code, refusal.Message);
        }

        return outcome.Error is null;
    }

    [LoggerMessage(LogLevel.Warning, "The demo room is left out: {What} was refused: {Code}: {Message}")]
    private partial void LogRefused(string what, ErrorCode code, string message);

    [LoggerMessage(LogLevel.Error, "The demo room has stopped.")]
    private partial void LogFailed(Exception failure);
}
