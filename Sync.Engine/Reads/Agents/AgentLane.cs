using System.Collections.Immutable;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Reads.Agents;

/// <summary>The timeline of one agent. Immutable; the same object while nothing of the agent has changed.</summary>
public sealed class AgentLane
{
    /// <summary>Refusals are lately within so long of the last one.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What it did, from its first sign on, oldest first, without gaps.</summary>
    public required ImmutableArray<AgentSpan> Spans { get; init; }

    /// <summary>Its acts, oldest first.</summary>
    public required ImmutableArray<EventHead> Acts { get; init; }

    /// <summary>The last act, or null.</summary>
    public EventHead? Last => Acts is [.., var last] ? last : null;

    /// <summary>When it was refused last, or null.</summary>
    public DateTimeOffset? LastRefusedAt { get; init; }

    /// <summary>How often it was refused within <see cref="Lately"/> of that, equal refusals that the log folds into one counted once.</summary>
    public int Refusals { get; init; }

    /// <summary>The span of a moment, or null before the first.</summary>
    public AgentSpan? SpanAt(DateTimeOffset at)
    {
        for (var index = Spans.Length - 1; index >= 0; index--)
        {
            if (Spans[index].From <= at)
            {
                return Spans[index];
            }
        }

        return null;
    }

    internal static AgentLane Of(string agent, ImmutableArray<EventHead> acts, ImmutableArray<AgentSpan> spans)
    {
        DateTimeOffset? last = null;
        var refusals = 0;
        for (var index = acts.Length - 1; index >= 0; index--)
        {
            if (last - acts[index].At > Lately)
            {
                break;
            }

            if (!acts[index].Ok)
            {
                last ??= acts[index].At;
                refusals++;
            }
        }

        return new AgentLane { Agent = agent, Acts = acts, Spans = spans, LastRefusedAt = last, Refusals = refusals };
    }
}
