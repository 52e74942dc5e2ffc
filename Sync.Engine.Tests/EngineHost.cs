using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests;

/// <summary>The real engine on a temporary SQLite folder, with shorthand for what tests do all the time.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;

    private EngineHost(string directory, TimeProvider time, EngineOptions options, ILoggerFactory loggers)
    {
        _loggers = loggers;
        Directory = directory;
        Time = time;
        Options = options;
    }

    public string Directory { get; }

    public TimeProvider Time { get; }

    public EngineOptions Options { get; private set; }

    public SyncEngine Engine { get; private set; } = null!;

    /// <summary>The owner of the rooms that tests create.</summary>
    public Caller Owner { get; private set; } = null!;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="time">The clock.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="registration">Who may register.</param>
    /// <param name="directory">A folder that is there already; it is removed in the end.</param>
    /// <param name="loggers">Where it logs; nowhere without.</param>
    public static async Task<EngineHost> StartAsync(
        TimeProvider? time = null, RoomLimits? limits = null, RegistrationPolicy registration = RegistrationPolicy.Invite, string? directory = null, ILoggerFactory? loggers = null)
    {
        directory ??= Path.Combine(Path.GetTempPath(), "sync-test-" + Path.GetRandomFileName());
        var host = new EngineHost(directory, time ?? TimeProvider.System, new EngineOptions { DataDirectory = directory, Limits = limits ?? new RoomLimits(), Registration = registration }, loggers ?? NullLoggerFactory.Instance);
        await host.OpenAsync();
        host.Owner = await host.UserAsync("olga", "rooms:* create_rooms");
        return host;
    }

    /// <summary>Closes and opens again on the same folder, with other limits if any are given.</summary>
    public async Task RestartAsync(RoomLimits? limits = null)
    {
        var user = Owner.UserName!;
        Options = Options with { Limits = limits ?? Options.Limits };
        await Engine.DisposeAsync();
        await OpenAsync();
        Owner = await UserAsync(user, "rooms:* create_rooms");
    }

    public async Task<Caller> UserAsync(string name, string scope)
    {
        var minted = (await Engine.Access.MintAsync(name, scope, label: null, expiresIn: null, Cancel)).Value;
        return await CallerAsync(minted.Secret);
    }

    public async Task<Caller> CallerAsync(string secret) => (await Engine.Access.AuthenticateAsync(secret, Cancel)).Value;

    public async Task<RoomCreated> RoomAsync(string id, JoinPolicy join = JoinPolicy.Open) =>
        (await Engine.Rooms.CreateAsync(Owner, new CreateRoom(id, Name: null, join), Cancel)).Value;

    /// <summary>Gives a user a role in a room of the host's owner, which they take up.</summary>
    public async Task GiveRoleAsync(string room, string userName, Role role)
    {
        Assert.Null((await Engine.Rooms.InviteAsync(Owner, room, userName, role, Cancel)).Error);
        var person = await this.SessionAsync(userName);
        if (Engine.Rooms.Invitations(person).Value.Any(invitation => invitation.Room == room))
        {
            Assert.Null((await Engine.Rooms.AnswerInvitationAsync(person, room, accept: true, Cancel)).Error);
        }
    }

    /// <summary>Joins an agent without a token and gives the caller of its own token.</summary>
    public async Task<Caller> JoinAsync(string room, string agent, string extra = "")
    {
        var joined = (await Engine.Agents.JoinAsync(Caller.Anonymous, room, Json($$"""{"id":"{{agent}}"{{extra}}}"""), Cancel)).Value;
        return await CallerAsync(JsonNode.Parse(joined.Json.Span)!["token"]!.GetValue<string>());
    }

    public async Task<Outcome<JsonObject>> TryInvokeAsync(Caller caller, string room, string action, string parameters = "{}", string? agent = null, string? requestId = null, bool dryRun = false)
    {
        var request = new InvokeRequest { Params = Json(parameters), Agent = agent, RequestId = requestId, DryRun = dryRun };
        var outcome = await Engine.Actions.InvokeAsync(caller, room, action, request, Cancel);
        return outcome.Try(out var invoked, out var error) ? Node(invoked.Json) : error;
    }

    public async Task<JsonObject> InvokeAsync(Caller caller, string room, string action, string parameters = "{}", string? agent = null, string? requestId = null, bool dryRun = false) =>
        (await TryInvokeAsync(caller, room, action, parameters, agent, requestId, dryRun)).Value;

    public async Task<SyncError> RefusedAsync(Caller caller, string room, string action, string parameters = "{}", string? agent = null, string? requestId = null) =>
        (await TryInvokeAsync(caller, room, action, parameters, agent, requestId)).Error ?? throw new InvalidOperationException("It was not refused.");

    public Task<JsonObject> RegisterAsync(Caller caller, string room, string definition, string? agent = null) =>
        InvokeAsync(caller, room, "_register_action", definition, agent);

    public Task<JsonObject> ViewAsync(Caller caller, string room, string definition, string? agent = null) =>
        InvokeAsync(caller, room, "_register_view", definition, agent);

    public async Task<JsonObject> ContextAsync(Caller caller, string room, string query = "") =>
        Node((await Engine.Context.ReadAsync(caller, room, Shape(query), Cancel)).Value);

    public async Task<JsonNode?> EvalAsync(Caller caller, string room, string expression) =>
        Node((await Engine.Context.EvalAsync(caller, room, expression, Cancel)).Value)["value"];

    public async Task<JsonObject> WaitAsync(Caller caller, string room, string condition, int timeoutMs = 10_000, string query = "") =>
        Node((await Engine.Waits.WaitAsync(caller, room, condition, TimeSpan.FromMilliseconds(timeoutMs), Shape(query), Cancel)).Value);

    /// <summary>The room in memory, for what no door tells.</summary>
    public async Task<RoomReplica> LoadedAsync(string room) =>
        Engine.Directory.TryFind(room, out var record) ? await Engine.Directory.LoadAsync(record) : throw new InvalidOperationException($"There is no room {room}.");

    /// <summary>Waits until everything the room has accepted is on disk, what its timers did among it.</summary>
    public async Task SettleAsync(string room) => await (await LoadedAsync(room)).OwnWriter().DrainedAsync();

    /// <summary>Lets time pass on a fake clock, and what it brings become durable.</summary>
    public async Task AdvanceAsync(string room, TimeSpan by)
    {
        await SettleAsync(room);
        ((FakeTimeProvider)Time).Advance(by);
        await SettleAsync(room);
    }

    /// <summary>A clock that stands at a round moment.</summary>
    public static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Completes when so many waits are parked in a room.</summary>
    public async Task ParkedAsync(string room, int count = 1)
    {
        var waits = (await LoadedAsync(room)).Waits;
        await UntilAsync(() => waits.Count >= count);
    }

    /// <summary>Waits for something that happens on another thread.</summary>
    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()), static result => result);

    /// <summary>Asks again and again until the answer is the expected one; fails after two minutes, which also a busy machine does not need.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isExpected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (true)
        {
            var answer = await ask();
            if (isExpected(answer))
            {
                return answer;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The value of an entry as the log's projection has it, or null when there is none.</summary>
    public async Task<JsonNode?> StoredAsync(string room, string scope, string key) =>
        (await LoadedAsync(room)).Published.Find(scope, key)?.Value.ToNode();

    public static ContextShape Shape(string query) => ContextShape.Parse(
        query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => KeyValuePair.Create(p.Split('=')[0], Uri.UnescapeDataString(p.Split('=', 2)[1])))).Value;

    // Deeper than any answer may be: what a test sends must reach the engine.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1_000 };

    public static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text, s_deep);
        return document.RootElement.Clone();
    }

    public static JsonObject Node(ReadOnlyMemory<byte> json) => JsonNode.Parse(json.Span)!.AsObject();

    public static JsonObject Node(IJsonAnswer answer) => Node(answer.Json);

    public static JsonObject Node(Explanation explanation) => explanation.ToJson(PlainSteps.Instance, room: null);

    /// <summary>A note of a cut, as the parameters that ask for the rest.</summary>
    public static string QueryOf(string? step) =>
        string.Join('&', NextStep.Parse(step!).Arguments.Where(argument => argument.Name != "room").Select(argument => $"{argument.Name}={Uri.EscapeDataString(argument.AsText)}")); // A note has one.

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task OpenAsync()
    {
        Engine = (await SyncEngine.OpenAsync(Options, Time, _loggers, Cancel)).Value;
        Engine.Directory.Decider = new TestDecider(Engine.Directory.Decider);
    }
}
