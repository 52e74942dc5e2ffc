using System.Collections.Immutable;

namespace Sync.Engine.Runtime.Waits;

/// <summary>
/// When the agents of a room waited, and for what. The log does not say: waits are no events. In the memory of this process, since the room was opened in it, and bounded: of each agent the last
/// <see cref="MaxOfAgent"/> are kept, each with as much of its condition as can be read. An agent that waits for the same again and again waits once. Any thread.
/// </summary>
/// <param name="since">Since when anything is known.</param>
internal sealed class WaitSpans(DateTimeOffset since)
{
    /// <summary>Stretches that are kept of one agent.</summary>
    public const int MaxOfAgent = 200;

    /// <summary>Agents that are kept; nobody is shown more.</summary>
    public const int MaxAgents = 2_000;

    // A longer one says nothing to who looks at a timeline.
    private const int MaxCondition = 2_000;

    // Whoever waits in a loop asks again at once: the answer's way there and back is no work.
    private static readonly TimeSpan s_loop = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AgentWaits> _agents = new(StringComparer.Ordinal);

    /// <summary>Since when anything is known.</summary>
    public DateTimeOffset Since { get; } = since;

    /// <summary>Notes that an agent has begun to wait.</summary>
    public void Begin(string agent, string condition, DateTimeOffset at)
    {
        condition = condition.Length <= MaxCondition ? condition : "";
        lock (_lock)
        {
            if (!_agents.TryGetValue(agent, out var waits))
            {
                if (_agents.Count >= MaxAgents)
                {
                    return;
                }

                _agents[agent] = waits = new AgentWaits([], Open: 0);
            }

            var spans = waits.Spans;
            if (waits.Open == 0 && spans is [.., { Until: { } ended } last] && last.Condition == condition && at - ended <= s_loop)
            {
                spans = spans.SetItem(spans.Length - 1, last with { Until = null });
            }
            else if (waits.Open == 0 || spans is not [.., { Until: null } open] || open.Condition != condition)
            {
                // Of several at once the one begun last is shown, as its status has it.
                spans = Closed(spans, at).Add(new WaitSpan(agent, condition, at, Until: null));
                spans = spans.Length > MaxOfAgent ? spans.RemoveAt(0) : spans;
            }

            _agents[agent] = new AgentWaits(spans, waits.Open + 1);
        }
    }

    /// <summary>Notes that one of an agent's waits has ended.</summary>
    public void End(string agent, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (_agents.TryGetValue(agent, out var waits) && waits.Open > 0)
            {
                _agents[agent] = new AgentWaits(waits.Open == 1 ? Closed(waits.Spans, at) : waits.Spans, waits.Open - 1);
            }
        }
    }

    /// <summary>What is known of an agent, oldest first. The same object while nothing has changed.</summary>
    public ImmutableArray<WaitSpan> Of(string agent)
    {
        lock (_lock)
        {
            return _agents.TryGetValue(agent, out var waits) ? waits.Spans : [];
        }
    }

    /// <summary>Forgets an agent that has ended: who bears its id next is another.</summary>
    public void Forget(string agent)
    {
        lock (_lock)
        {
            _agents.Remove(agent);
        }
    }

    private static ImmutableArray<WaitSpan> Closed(ImmutableArray<WaitSpan> spans, DateTimeOffset at) =>
        spans is [.., { Until: null } open] ? spans.SetItem(spans.Length - 1, open with { Until = at }) : spans;

    private sealed record AgentWaits(ImmutableArray<WaitSpan> Spans, int Open);
}
