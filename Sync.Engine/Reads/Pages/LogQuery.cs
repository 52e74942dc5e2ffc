using System.Collections.Immutable;
using System.Globalization;

namespace Sync.Engine.Reads.Pages;

/// <summary>The filter of a search in a room's log. Text is searched in what the reader may see.</summary>
/// <param name="Agent">Only of this agent.</param>
/// <param name="Action">Only of this action.</param>
/// <param name="Ok">Only accepted or only refused ones.</param>
/// <param name="Text">Words that each occur in agent, action, kind, error or parameters; <c>#57</c> is an event's number.</param>
public sealed record LogQuery(string? Agent = null, string? Action = null, bool? Ok = null, string Text = "")
{
    /// <summary>Whether it takes every event.</summary>
    public bool IsEmpty => Agent is null && Action is null && Ok is null && !HasText;

    internal bool HasText => !string.IsNullOrWhiteSpace(Text);

    /// <summary>Whether it takes an event.</summary>
    public bool Takes(EventModel e) =>
        (Agent is null || e.Agent == Agent)
        && (Action is null || e.Action == Action)
        && (Ok is null || e.Ok == Ok)
        && Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Mentions(e, word));

    private static bool Mentions(EventModel e, string word) =>
        Has(e.Agent, word) || Has(e.Action ?? e.Kind, word) || Has(e.Error, word) || Has(e.Params, word) || e.Seq.ToString(CultureInfo.InvariantCulture) == word.TrimStart('#');

    private static bool Has(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false;
}

/// <summary>A stretch of a room's log.</summary>
/// <param name="Events">What was found in it, newest first.</param>
/// <param name="SearchedTo">The oldest event looked at: the next stretch lies before it. 1 is the beginning of the room.</param>
public sealed record LogPage(ImmutableArray<EventModel> Events, long SearchedTo);
