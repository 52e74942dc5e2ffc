using System.Globalization;

namespace Sync.Engine.Identity;

/// <summary>
/// Which agent a token acts as in a room, from a join: the id and the seq of the event that made the agent. An agent that is removed and made again is another one,
/// whatever its id, and the tokens of the one before do not act as it.
/// </summary>
/// <param name="Agent">The agent's id.</param>
/// <param name="Since">The event it came to be with; 0 for agents of logs that do not say.</param>
internal readonly record struct AgentBinding(string Agent, long Since)
{
    // No id holds it.
    private const char Mark = '#';

    /// <summary>The stored form: <c>bob#57</c>, or the id alone.</summary>
    public override string ToString() => Since == 0 ? Agent : string.Create(CultureInfo.InvariantCulture, $"{Agent}{Mark}{Since}");

    public static AgentBinding Parse(string text) =>
        text.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at && long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            ? new AgentBinding(text[..at], since)
            : new AgentBinding(text, 0);
}
