using System.Collections.Immutable;

namespace Sync.Engine.Model.Messages;

/// <summary>
/// Which questions each agent has still to answer: of the messages in memory those of kind <c>question</c> that are directed to it, and that no later message of it names in
/// <c>reply_to</c>. It follows from those messages alone, since a reply is newer than its question. Immutable.
/// </summary>
internal sealed class OpenQuestions
{
    private readonly ImmutableDictionary<string, ImmutableSortedSet<long>> _byAgent;

    private OpenQuestions(ImmutableDictionary<string, ImmutableSortedSet<long>> byAgent) => _byAgent = byAgent;

    public static OpenQuestions None { get; } = new(ImmutableDictionary.Create<string, ImmutableSortedSet<long>>(StringComparer.Ordinal));

    /// <summary>The numbers of the questions an agent has to answer, oldest first.</summary>
    public ImmutableSortedSet<long> Of(string agent) => _byAgent.GetValueOrDefault(agent, ImmutableSortedSet<long>.Empty);

    /// <summary>With a new message: it may ask, and it may answer.</summary>
    public OpenQuestions With(Message message)
    {
        var byAgent = _byAgent;
        if (message.ReplyTo is { } answered)
        {
            byAgent = Without(byAgent, message.From, answered);
        }

        if (message.IsQuestion)
        {
            foreach (var agent in message.To)
            {
                // Who asks itself has nobody to wait for.
                byAgent = agent == message.From ? byAgent : byAgent.SetItem(agent, byAgent.GetValueOrDefault(agent, ImmutableSortedSet<long>.Empty).Add(message.Seq));
            }
        }

        return ReferenceEquals(byAgent, _byAgent) ? this : new(byAgent);
    }

    /// <summary>Without a message that memory has let go of.</summary>
    public OpenQuestions Without(Message message)
    {
        if (!message.IsQuestion)
        {
            return this;
        }

        var byAgent = _byAgent;
        foreach (var agent in message.To)
        {
            byAgent = Without(byAgent, agent, message.Seq);
        }

        return ReferenceEquals(byAgent, _byAgent) ? this : new(byAgent);
    }

    private static ImmutableDictionary<string, ImmutableSortedSet<long>> Without(ImmutableDictionary<string, ImmutableSortedSet<long>> byAgent, string agent, long number)
    {
        if (!byAgent.TryGetValue(agent, out var numbers) || !numbers.Contains(number))
        {
            return byAgent;
        }

        var left = numbers.Remove(number);
        return left.IsEmpty ? byAgent.Remove(agent) : byAgent.SetItem(agent, left);
    }
}
