using System.Collections.Immutable;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Scheduling;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Benchmarks.Waits;

/// <summary>A step that concerns one of the parked waits: from its publication until that wait has been looked at. The others must cost nothing.</summary>
[MemoryDiagnoser]
public class WaitBenchmarks
{
    private readonly List<ParkedWait> _waits = [];
    private string _folder = "";
    private Database _database = null!; // Set up before any run.
    private RoomReplica _room = null!; // The same.
    private RoomState _state = RoomState.Empty;
    private ParkedWait _concerned = null!; // The same.

    /// <summary>Waits parked, each on a key of its own.</summary>
    [Params(1, 1_000, 10_000)]
    public int Parked { get; set; }

    /// <summary>Parks them.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("sync-bench-").FullName;
        _database = await Database.OpenAsync(_folder, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var record = new RoomRecord { Row = 1, Id = "waits", Join = JoinPolicy.Open, CreatedAt = DateTimeOffset.UnixEpoch, Members = ImmutableDictionary<string, Member>.Empty };
        _room = new RoomReplica(record, _state, new Presence(), new RoomLimits(), new RoomServices(new EvaluationScheduler(NoTimers.Instance), new SteadyClock(NoTimers.Instance), NullLogger.Instance, _database.Health));
        for (var number = 0; number < Parked; number++)
        {
            var expression = BenchmarkEngine.Demand(RoomLanguage.Standard.Compile(string.Create(CultureInfo.InvariantCulture, $"state._shared[\"key-{number}\"] == -1"), "condition"));
            var wait = new ParkedWait(
                expression,
                self: null,
                WorkSource.Engine,
                _room,
                DateTimeOffset.MaxValue - TimeSpan.FromDays(1_000_000),
                static _ => VisibleScopes.Public,
                static () => null);
            _room.Waits.TryPark(wait, limit: 20_000);
            wait.Evaluate(_room.Now);
            _waits.Add(wait);
        }

        _concerned = _waits[Parked / 2];
    }

    /// <summary>Closes everything.</summary>
    [GlobalCleanup]
    public async Task CleanUp()
    {
        _room.Dispose();
        foreach (var wait in _waits)
        {
            wait.Dispose();
        }

        _waits.Clear();
        _state = RoomState.Empty;
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Makes the next state, as part of the below.</summary>
    [Benchmark(Baseline = true)]
    public object NextState()
    {
        Advance();
        return _state;
    }

    /// <summary>Makes the next state, publishes it and waits until the wait concerned has been evaluated.</summary>
    [Benchmark]
    public void PublishAndLook()
    {
        var step = Advance();
        _room.Waits.Publish(step);
        var spin = default(SpinWait);
        while (_concerned.SeenSeq < _state.Seq)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private RoomStep Advance()
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"key-{Parked / 2}");
        var e = new RoomEvent
        {
            Seq = _state.Seq + 1,
            At = DateTimeOffset.UnixEpoch,
            Kind = EventKind.Invoked,
            Action = "add",
            Changes = [new EntryChange { Kind = ChangeKind.Put, Scope = ReservedScopes.Shared, Key = key, Value = JsonText.Null, Revision = _state.Seq + 1 }],
        };
        _state = _state.Apply(e);
        return new RoomStep(_state, e, [new StateKey(ReservedScopes.Shared, key)]);
    }

    /// <summary>Time without alarms: what is measured is the look, not the timer wheel of ten thousand time-outs.</summary>
    private sealed class NoTimers : TimeProvider
    {
        public static NoTimers Instance { get; } = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
