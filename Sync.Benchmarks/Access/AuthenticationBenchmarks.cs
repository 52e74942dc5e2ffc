using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Benchmarks.Access;

/// <summary>Bearer authentication among a few tokens and among 100,000.</summary>
[MemoryDiagnoser]
public class AuthenticationBenchmarks
{
    private string _folder = "";
    private Database _database = null!; // Set up before any run.
    private IdentityCache _table = null!; // The same.
    private string _secret = "";
    private string _refreshed = "";

    /// <summary>Live tokens.</summary>
    [Params(100, 100_000)]
    public int Tokens { get; set; }

    /// <summary>Stores the tokens and loads the table.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("sync-bench-").FullName;
        _database = await Database.OpenAsync(_folder, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await _database.ExecuteAsync(
            session =>
            {
                for (var number = 0; number < Tokens; number++)
                {
                    byte[] hash = [.. Secret.Hash(Secret.New(Secret.UserPrefix)).ToBytes()];
                    session.Execute("INSERT INTO tokens (id, hash, scope, created_ms) VALUES ($1, $2, $3, $4)", $"token-{number}", hash, "rooms:*", 0L);
                }

                return true;
            },
            CancellationToken.None);
        _table = await IdentityCache.OpenAsync(_database, new RoomLimits(), TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _secret = BenchmarkEngine.Demand(await _table.Tokens.MintAsync("olga", BenchmarkEngine.Demand(Scope.Parse("rooms:*")), label: null, expiresIn: null, CancellationToken.None)).Secret;
        var user = await _table.Users.FindByNameAsync("olga", CancellationToken.None) ?? throw new InvalidOperationException("The user was just made.");
        var issued = BenchmarkEngine.Demand(await _table.Tokens.IssueAsync(user, Scope.Everything, new MintToken { WithRefresh = true }, parent: null, CancellationToken.None));
        _refreshed = BenchmarkEngine.Demand(await _table.Tokens.RefreshAsync(issued.RefreshSecret ?? "", clientId: null, narrower: null, CancellationToken.None)).Secret;
    }

    /// <summary>Closes the database.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _table.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Hash, look up, check the life time.</summary>
    [Benchmark]
    public Caller Authenticate() => Authenticate(_secret);

    /// <summary>The same with a secret that a refresh has put in place of another.</summary>
    [Benchmark]
    public Caller AuthenticateRefreshed() => Authenticate(_refreshed);

    private Caller Authenticate(string secret) => _table.AuthenticateAsync(secret, CancellationToken.None) is { IsCompletedSuccessfully: true } known
        ? BenchmarkEngine.Demand(known.GetAwaiter().GetResult())
        : throw new InvalidOperationException("A known token is found at once.");
}
