using Microsoft.Extensions.Logging;
using Sync.Engine.Authority;
using Sync.Engine.Authority.Delegation;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Agents;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Reads.Rooms;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Access;
using Sync.Engine.Services.Actions;
using Sync.Engine.Services.Administration;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Approvals;
using Sync.Engine.Services.Context;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Services.Grants;
using Sync.Engine.Services.History;
using Sync.Engine.Services.Inbox;
using Sync.Engine.Services.Invitations;
using Sync.Engine.Services.Live;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Services.Onboarding;
using Sync.Engine.Services.Packs;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Services.Timelines;
using Sync.Engine.Services.Tokens;
using Sync.Engine.Services.Users;
using Sync.Engine.Services.Waits;
using Sync.Engine.Services.Webhooks;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services;

/// <summary>
/// The engine as its surfaces see it. Everything that the HTTP API, MCP, the pages and the demo do goes through its services; every call takes a <see cref="Caller"/> and authorises it once, inside.
/// Thread-safe.
/// </summary>
public sealed class SyncEngine : IAsyncDisposable
{
    private readonly Database _database;
    private readonly IdentityCache _access;
    private readonly RoomDirectory _directory;
    private readonly DataDirectoryLock _lock;
    private readonly Pruning _pruning;
    private readonly SteadyClock _clock;

    private SyncEngine(Database database, IdentityCache access, RoomDirectory directory, DataDirectoryLock folder, EngineOptions options, SteadyClock time, bool needsSetup, ILogger logger)
    {
        _clock = time;
        _database = database;
        _access = access;
        _directory = directory;
        _lock = folder;
        // What hangs on a token or a role ends at once when it is taken away, not at the next request.
        directory.Notices = access.Notices;
        var ids = new AgentIds(access.Users);
        var holdings = new Holdings();
        var visible = new VisibleRooms(directory, access);
        var authorizer = new RoomAuthorizer(directory, access, ids, visible);
        var reader = new ContextReader(directory, database.Rooms);
        var delegation = new Delegation(access, directory);
        Access = new AccessService(access);
        var memberships = new Memberships(database, directory, access);
        Users = new UserService(access, memberships, database, options, time, needsSetup);
        Administration = new AdministrationService(access, Users, directory, database, time, logger);
        Tokens = new TokenService(access, directory, delegation, holdings);
        RoomTokens = new RoomTokenService(authorizer, access, holdings, time);
        Grants = new GrantService(access, database.Grants, delegation, time);
        Clients = new ClientService(database.Clients, time);
        Invitations = new InvitationService(authorizer, access, memberships, database.Invitations, time);
        Rooms = new RoomService(authorizer, directory, access, visible, memberships, database.Rooms, options, time, ids);
        var timelines = new AgentTimelines(directory, database.Rooms);
        var models = new RoomPageModels(new RoomInfos(directory, access.Users), directory, database.Rooms, timelines, access.Users);
        Onboarding = new OnboardingService(directory, access, visible, delegation, Users);
        var admission = new RoomAdmission(directory, access, authorizer, memberships);
        var entries = new EntryWaits(directory, access, holdings, options.Limits, time);
        Embodiments = new EmbodimentService(authorizer, directory, access, ids, admission, entries);
        Agents = new AgentService(authorizer, directory, access, admission, entries, Embodiments, ids);
        var identities = new ApprovalIdentities(authorizer, access, Embodiments);
        Actions = new ActionService(authorizer, database.Rooms, new CallsInLine(authorizer, access.Notices, holdings), identities, new RevertPlanner(directory, database.Rooms));
        Approvals = new ApprovalService(authorizer, identities, access);
        Context = new ContextService(authorizer, reader, models, database.Rooms);
        Waits = new WaitService(authorizer, reader, access.Notices, holdings);
        Packs = new PackService(authorizer);
        History = new HistoryService(authorizer, directory, database);
        Timelines = new TimelineService(authorizer, timelines, new CursorCheck(database.Rooms));
        var attention = new RoomAttention(new PossibleDeciders(access.Users));
        Inbox = new InboxService(authorizer, access, Rooms, new InboxSources(directory, new RoomInboxReader(ids, attention), time, logger, database.Health));
        Webhooks = NewWebhooks(authorizer, delegation, new RoomNotices(ids, attention), time, logger);
        Live = new LiveService(authorizer, reader, models, access.Notices, holdings);

        directory.Decider = new CommandDecider(authorizer, Agents, Embodiments, access, identities);
        directory.AgentGone = Agents.OnAgentGone;
        directory.UnusedAgentsFound = Embodiments.RemoveUnusedAsync;
        _pruning = new Pruning(access, database.Grants, time, logger, database.Health);
    }

    /// <summary>Tokens and users.</summary>
    public AccessService Access { get; }

    /// <summary>People: registration, passkeys, recovery, sessions.</summary>
    public UserService Users { get; }

    /// <summary>What is told to other servers.</summary>
    public WebhookService Webhooks { get; }

    /// <summary>What administrators of the server see and do.</summary>
    public AdministrationService Administration { get; }

    /// <summary>A user's tokens: mint, narrow, refresh, revoke, elevate.</summary>
    public TokenService Tokens { get; }

    /// <summary>A room's own tokens: list, replace, revoke.</summary>
    public RoomTokenService RoomTokens { get; }

    /// <summary>Device flows and consents.</summary>
    public GrantService Grants { get; }

    /// <summary>OAuth clients.</summary>
    public ClientService Clients { get; }

    /// <summary>Invitation links.</summary>
    public InvitationService Invitations { get; }

    /// <summary>Room life cycle, membership.</summary>
    public RoomService Rooms { get; }

    /// <summary>A person's first steps on the server.</summary>
    public OnboardingService Onboarding { get; }

    /// <summary>Joining and updating agents.</summary>
    public AgentService Agents { get; }

    /// <summary>Client sessions, and the agents they embody.</summary>
    public EmbodimentService Embodiments { get; }

    /// <summary>Invoking and explaining actions.</summary>
    public ActionService Actions { get; }

    /// <summary>What waits for a decision, and what was decided.</summary>
    public ApprovalService Approvals { get; }

    /// <summary>What waits for a person in all their rooms.</summary>
    public InboxService Inbox { get; }

    /// <summary>Context, poll, evaluation.</summary>
    public ContextService Context { get; }

    /// <summary>Parked conditions.</summary>
    public WaitService Waits { get; }

    /// <summary>Packs as documents.</summary>
    public PackService Packs { get; }

    /// <summary>The past: history of a key, replay, audit.</summary>
    public HistoryService History { get; }

    /// <summary>What the agents of a room did over time.</summary>
    public TimelineService Timelines { get; }

    /// <summary>The present as it changes: events for streams, page models for pages.</summary>
    public LiveService Live { get; }

    /// <summary>What the engine's own parts report of themselves; the server's other parts report here too.</summary>
    public HealthRegistry Health => _database.Health;

    /// <summary>Finds out whether the disk takes writes, for who asks whether the server is ready: <see cref="Health"/> says it then. At most one write in a few seconds.</summary>
    public Task CheckDiskAsync() => _database.CheckDiskAsync();

    /// <summary>The log, for tests that make it slow or fail.</summary>
    internal EventLog Log => _database.Log;

    /// <summary>The database, for tests that read what is stored.</summary>
    internal Database Database => _database;

    /// <summary>Tokens and roles, for tests that take them away.</summary>
    internal IdentityCache IdentityCache => _access;

    /// <summary>The rooms, for tests that read states directly.</summary>
    internal RoomDirectory Directory => _directory;

    private WebhookService NewWebhooks(RoomAuthorizer authorizer, Delegation delegation, RoomNotices notices, TimeProvider time, ILogger logger)
    {
        var authority = new WebhookAuthority(_access, _directory);
        var dispatcher = new WebhookDispatcher(_database.Webhooks, authority, Reader, time, logger, _database.Health);
        return new WebhookService(authorizer, _access, delegation, _database.Webhooks, dispatcher, time);

        IWebhookReader? Reader(WebhookRecord webhook, Caller caller) =>
            webhook.Room is not { } row ? new InboxWebhookReader(Inbox, caller, () => authority.IsLive(caller))
            : webhook.RoomId is { } id && _access.Users.UserById(webhook.UserId) is { } user ? new RoomWebhookReader(_directory, authority, _access.Notices, notices, caller, user, row, id)
            : null;
    }

    /// <summary>Opens (and if need be creates and migrates) the data folder and starts the log.</summary>
    /// <returns>The engine, or <c>unavailable</c> with a plain sentence when the folder is served already.</returns>
    public static async Task<Outcome<SyncEngine>> OpenAsync(EngineOptions options, TimeProvider machine, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (!DataDirectoryLock.Acquire(options.DataDirectory).Try(out var folder, out var error))
        {
            return error;
        }

        var logger = NonThrowingLogger.Over(loggers.CreateLogger("Sync.Engine"));
        var clock = new SteadyClock(machine);
        TimeProvider time = clock;
        try
        {
            var database = await Database.OpenAsync(options.DataDirectory, time, logger, cancellationToken).ConfigureAwait(false);
            var access = await IdentityCache.OpenAsync(database, options.Limits, time, logger, cancellationToken).ConfigureAwait(false);
            var directory = await RoomDirectory.OpenAsync(database, options, time, logger, cancellationToken).ConfigureAwait(false);
            await database.Invitations.PruneAsync(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var needsSetup = !await database.Users.AnyPasskeyAsync(cancellationToken).ConfigureAwait(false);
            return new SyncEngine(database, access, directory, folder, options, clock, needsSetup, logger);
        }
        catch
        {
            clock.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Flushes and closes. Parked waits answer with their time-out form; streams end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pruning.DisposeAsync().ConfigureAwait(false);
        await Webhooks.DisposeAsync().ConfigureAwait(false);
        await Inbox.DisposeAsync().ConfigureAwait(false);
        await Agents.SettledAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Embodiments.DisposeAsync().ConfigureAwait(false);
        await _directory.DisposeAsync().ConfigureAwait(false);
        await _access.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _clock.Dispose();
        _lock.Dispose();
    }
}
