using Sync.Engine.Commands;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Runtime.Lines;

/// <summary>A command that stands in line until it may succeed, with those who wait for its answer. Guarded by the writer's lock, but for <see cref="Done"/>.</summary>
/// <param name="command">The command.</param>
/// <param name="self">The agent that acts, or null.</param>
/// <param name="parking">What it stands before.</param>
/// <param name="arrival">Its place among all that wait in the room: the smaller, the earlier.</param>
/// <param name="account">Out of which its tries are paid.</param>
internal sealed class ParkedCall(InvokeCommand command, string? self, Parking parking, long arrival, EvaluationAccount account)
{
    private readonly HashSet<ParkedCall> _followers = [];

    public InvokeCommand Command { get; } = command with { Arrival = arrival };

    public string? Self { get; } = self;

    public long Arrival { get; } = arrival;

    public EvaluationAccount Account { get; } = account;

    public string? RequestKey { get; } = parking.RequestKey;

    public string? RequestHash { get; } = parking.RequestHash;

    public Obstacle Obstacle { get; set; } = parking.Obstacle;

    /// <summary>The line it stands in; null when it stands in none any more.</summary>
    public Line? Line { get; set; }

    /// <summary>The call before it that wants what it cannot have at the same time; null where it may be tried.</summary>
    public ParkedCall? Behind { get; private set; }

    /// <summary>Those that stand behind it.</summary>
    public IReadOnlyCollection<ParkedCall> Followers => _followers;

    /// <summary>Who waits for its answer: its caller, and whoever sent the same call again. With none left it leaves the line.</summary>
    public int Callers { get; set; } = 1;

    /// <summary>Whether it is being decided. Then it does not leave: what is decided is carried out.</summary>
    public bool IsTried { get; set; }

    /// <summary>What has become of it.</summary>
    public TaskCompletionSource<Ruling> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void StandBehind(ParkedCall? other)
    {
        Behind?._followers.Remove(this);
        Behind = other;
        other?._followers.Add(this);
    }

    /// <summary>Ends it with a refusal.</summary>
    /// <param name="error">The refusal.</param>
    /// <param name="rests">The event that it rests on, or null.</param>
    public void Refuse(SyncError error, PendingEvent? rests = null) => Done.TrySetResult(new Ruling(Decision.Refuse(error), Error: null, Pending: null, Basis: rests));
}
