using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Shared;

/// <summary>
/// How the agents of a room look, each unlike the others: in the order in which they joined, each takes the hue of its id or the next that is free, and of its name the first letters that nobody has. Who was
/// there before keeps its look whoever joins or goes, so that nobody changes colour on a page that is open. One for each page, on its dispatcher only.
/// </summary>
internal sealed class AgentLooks
{
    // What a page shows of; of further ones the look is that of their name alone.
    private const int MaxAgents = 2_000;
    private const int MaxInitials = 3;

    private readonly Dictionary<string, AgentLook> _looks = new(StringComparer.Ordinal);
    private ImmutableArray<AgentModel> _followed;

    /// <summary>Gives those a look that are new among a room's agents.</summary>
    public void Follow(ImmutableArray<AgentModel> agents)
    {
        if (agents == _followed)
        {
            return;
        }

        _followed = agents;
        var isThere = agents.Select(static agent => agent.Id).ToHashSet(StringComparer.Ordinal);
        if (agents.All(agent => _looks.ContainsKey(agent.Id)))
        {
            return;
        }

        var (hues, initials) = (new int[Hue.Count], new HashSet<string>(StringComparer.Ordinal));
        foreach (var (id, look) in _looks)
        {
            if (isThere.Contains(id))
            {
                hues[look.Hue]++;
                initials.Add(look.Initials);
            }
        }

        foreach (var agent in agents.Where(agent => !_looks.ContainsKey(agent.Id)).OrderBy(static agent => agent.JoinedSeq).ThenBy(static agent => agent.Id, StringComparer.Ordinal).Take(MaxAgents))
        {
            var hue = Free(hues, Hue.Of(agent.Id));
            var letters = Initials(agent.Name.Length == 0 ? agent.Id : agent.Name).FirstOrDefault(text => !initials.Contains(text)) ?? Alone(agent.Id).Initials;
            _looks[agent.Id] = new AgentLook(hue, hues[hue]++, letters);
            initials.Add(letters);
        }
    }

    /// <summary>The look of an agent; of one that has none in this room, that of its name.</summary>
    public AgentLook Of(string id) => _looks.GetValueOrDefault(id) ?? Alone(id);

    /// <summary>The look of a name where no room is around it.</summary>
    public static AgentLook Alone(string id) => new(Hue.Of(id), Pattern: 0, Initials(id).FirstOrDefault() ?? "?");

    /// <summary>Letters that stand for a name, the most telling first.</summary>
    internal static IEnumerable<string> Initials(string name)
    {
        List<string> parts = [.. Parts(name)];
        if (parts.Count == 0)
        {
            yield break;
        }

        var first = parts[0];
        if (parts.Count > 1)
        {
            yield return Text(Head(first) + (char.IsAsciiDigit(parts[^1][0]) ? parts[^1] : Head(parts[1])));
        }

        for (var index = 1; index < Math.Min(first.Length, 12); index++)
        {
            yield return Text(Head(first) + first[index]);
        }

        foreach (var part in parts.Skip(1).Take(4))
        {
            yield return Text(Head(first) + part);
            yield return Text(Head(first) + part[^1]);
        }

        yield return Text(Head(first));
        for (var number = 2; number < 100; number++)
        {
            yield return Text(Head(first) + number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static int Free(int[] hues, int wanted)
    {
        var least = hues.Min();
        for (var step = 0; ; step++)
        {
            if (hues[(wanted + step) % Hue.Count] == least)
            {
                return (wanted + step) % Hue.Count;
            }
        }
    }

    private static string Head(string part) => part[..1];

    // A number of four digits and more is told by its last.
    private static string Text(string letters)
    {
        var upper = letters.ToUpperInvariant();
        return upper.Length <= MaxInitials ? upper : char.IsAsciiDigit(upper[^1]) ? upper[..1] + upper[^2..] : upper[..2];
    }

    // Runs of letters and runs of digits; what no mark can show is left out.
    private static IEnumerable<string> Parts(string name)
    {
        var begin = -1;
        for (var index = 0; index <= Math.Min(name.Length, 200); index++)
        {
            var isEnd = index >= name.Length || index == 200;
            var kind = isEnd ? 0 : Kind(name[index]);
            if (begin >= 0 && kind != Kind(name[begin]))
            {
                yield return name[begin..index];
                begin = -1;
            }

            if (begin < 0 && kind != 0)
            {
                begin = index;
            }
        }
    }

    private static int Kind(char unit) => char.IsAsciiDigit(unit) ? 2 : char.IsLetter(unit) ? 1 : 0;
}
