using System.Collections.Concurrent;

namespace Sync.Engine.Primitives.Health;

/// <summary>
/// What the server's own parts say of themselves: each registers under a name and reports every success and failure. Any thread.
/// A part that has not reported yet counts as healthy.
/// </summary>
public sealed class HealthRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, HealthComponent> _components = new(StringComparer.Ordinal);

    /// <summary>How many parts have registered.</summary>
    public int Count => _components.Count;

    /// <summary>The parts whose last report was a failure, by name.</summary>
    public IReadOnlyList<FailingComponent> Failing =>
        [.. _components.Values.Select(static component => component.Failure).OfType<FailingComponent>().OrderBy(static failing => failing.Name, StringComparer.Ordinal)];

    /// <summary>Whether everything works that the server cannot do without.</summary>
    public bool IsReady => !Failing.Any(static failing => failing.IsEssential);

    /// <summary>The part of this name, registered at first use. Loops of one kind share a part.</summary>
    /// <param name="name">Short and plain: it is shown to whoever asks whether the server is ready.</param>
    /// <param name="isEssential">Whether a server on which this part fails should get no requests.</param>
    public HealthComponent Component(string name, bool isEssential) =>
        _components.GetOrAdd(name, static (name, t) => new HealthComponent(name, t.isEssential, t.time), (isEssential, time));
}

/// <summary>A part that fails at the moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Since">When its first failure after its last success was.</param>
/// <param name="Failures">How often it has failed since.</param>
/// <param name="IsEssential">Whether the server cannot do without it.</param>
public sealed record FailingComponent(string Name, DateTimeOffset Since, int Failures, bool IsEssential);

/// <summary>One part's own line in the <see cref="HealthRegistry"/>. Any thread.</summary>
public sealed class HealthComponent
{
    private readonly bool _isEssential;
    private readonly TimeProvider _time;
    private FailingComponent? _failure;

    internal HealthComponent(string name, bool isEssential, TimeProvider time)
    {
        Name = name;
        _isEssential = isEssential;
        _time = time;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it reports, or null while it works.</summary>
    public FailingComponent? Failure => Volatile.Read(ref _failure);

    /// <summary>Reports a success.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _failure) is not null)
        {
            Volatile.Write(ref _failure, null);
        }
    }

    /// <summary>Reports a failure.</summary>
    public void Failed()
    {
        while (true)
        {
            var before = Volatile.Read(ref _failure);
            var after = before is null ? new FailingComponent(Name, _time.GetUtcNow(), Failures: 1, _isEssential) : before with { Failures = before.Failures + 1 };
            if (ReferenceEquals(Interlocked.CompareExchange(ref _failure, after, before), before))
            {
                return;
            }
        }
    }
}
