using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Agents;

/// <summary>
/// Says in words what an agent waits for. A condition is CEL, which people do not read; what it reads is known without evaluating it, and the usual forms of comparing one place with one value are
/// told as such. What is kept in a private scope is named to nobody who may not read it, and then the condition itself is not shown either. Any thread.
/// </summary>
internal sealed partial class WaitWords
{
    private const int MaxKept = 2_000;
    private const int MaxName = 60;
    private const string Something = "something";

    private readonly ConcurrentDictionary<string, Meaning> _meanings = new(StringComparer.Ordinal);

    /// <summary>What an agent waits for, to a reader who sees so much.</summary>
    public WaitModel Of(string agent, string condition, RoomLanguage language, VisibleScopes visible)
    {
        if (!_meanings.TryGetValue(condition, out var meaning))
        {
            if (_meanings.Count >= MaxKept)
            {
                _meanings.Clear();
            }

            _meanings[condition] = meaning = Meaning.Of(condition.Length == 0 ? null : language.TryCompile(condition));
        }

        // What cannot be understood may read anything; and a place that is worked out may be named by parts of the text.
        var isHidden = !meaning.IsKnown || meaning.Scopes.Any(scope => !visible.Sees(scope == ReadPath.SelfMark ? agent : scope));
        return isHidden && !visible.All
            ? new WaitModel(meaning.IsKnown ? "something that it keeps private" : Something, Condition: null, Lease: null)
            : new WaitModel(meaning.Words, meaning.IsOpen || visible.All ? condition : null, meaning.Lease);
    }

    private static string Words(Expression expression, IReadOnlyList<ReadPath> reads)
    {
        if (Compared(expression.Source) is { } whole)
        {
            return whole;
        }

        List<string> named = [.. reads.Select(read => Noun(read, expression.Source)).OfType<string>().Distinct(StringComparer.Ordinal)];
        var join = expression.Source.Contains("||", StringComparison.Ordinal) ? " or " : " and ";
        return named switch
        {
            [] => reads.Any(static read => read.Kind == ReadKind.Time) ? "a moment to come" : Something,
            [var one] => one,
            [var one, var two] => one + join + two,
            [var one, var two, ..] => $"{one}, {two}{join}{named.Count - 2} more",
        };
    }

    private static string? Noun(ReadPath read, string source) => read switch
    {
        { Kind: ReadKind.ToAnswer } => "a question to it",
        { Kind: ReadKind.Unread } => source.Contains("directed", StringComparison.Ordinal) ? "a message to it" : "a new message",
        { Kind: ReadKind.MessageCount } => "a new message",
        { Kind: ReadKind.ToDecide } => "an approval to decide",
        { Kind: ReadKind.Approvals, Key: { } id } => $"the decision on {Clip(id)}",
        { Kind: ReadKind.Approvals } => "a decision",
        { Kind: ReadKind.Lease or ReadKind.OwnLease, Key: { } key } => Lease(key),
        { Kind: ReadKind.Lease or ReadKind.OwnLease } => "a lease",
        { Kind: ReadKind.View, Key: { } view } => $"the view {Clip(view)}",
        { Kind: ReadKind.AllViews } => "a view",
        { Kind: ReadKind.Action, Key: { } action } => $"the action {Clip(action)}",
        { Kind: ReadKind.AllActions } => "an action",
        { Kind: ReadKind.Heartbeat, Key: { } agent } => Agent(agent),
        { Kind: ReadKind.Heartbeat } => "an agent",
        { Kind: ReadKind.Everything } => "any change in the room",
        { Kind: ReadKind.Scope, Scope: ReservedScopes.Agents } => "an agent",
        { Kind: ReadKind.Scope, Scope: { } scope } => scope switch
        {
            ReadPath.SelfMark => "its own state",
            ReservedScopes.Shared => "the shared state",
            _ => $"the state of {Clip(scope)}",
        },
        { Kind: ReadKind.Entry, Scope: { } scope, Key: { } key } => Place(scope, key),
        _ => null,
    };

    private static string Place(string scope, string key) => scope switch
    {
        ReservedScopes.Pauses => key == Pause.Room ? "the room to go on"
            : key.StartsWith(Pause.OfAgent, StringComparison.Ordinal) ? $"the pause of {Clip(key[Pause.OfAgent.Length..])} to end"
            : $"the pause of {Clip(key.StartsWith(Pause.OfAction, StringComparison.Ordinal) ? key[Pause.OfAction.Length..] : key)} to end",
        ReservedScopes.Agents => Agent(key),
        ReservedScopes.Shared => Clip(Member(key)),
        ReadPath.SelfMark => $"its own {Clip(Member(key))}",
        _ => $"{Clip(scope)}/{Clip(Member(key))}",
    };

    private static string Member(string key) => key == ReadPath.SelfMark ? "entry" : key;

    private static string Agent(string id) => id == ReadPath.SelfMark ? "itself" : $"the agent {Clip(id)}";

    private static string Lease(string key) => LeaseKeys.RoleOf(key) is { } role ? $"the role {Clip(role)}" : key == ReadPath.SelfMark ? "its own lease" : $"the lease {Clip(key)}";

    // The whole condition compares one place with one value.
    private static string? Compared(string source)
    {
        if (Comparison().Match(source) is not { Success: true } match || PlaceOf(match.Groups["place"].Value, match.Groups["size"].Success || match.Groups["size2"].Success) is not { } place)
        {
            return null;
        }

        var value = match.Groups["value"].Value;
        var text = value is ['"', ..] or ['\'', ..] ? $"“{Clip(value[1..^1])}”" : Clip(value);
        return (match.Groups["op"].Value, value) switch
        {
            ("==", "null") => place.StartsWith("the lease ", StringComparison.Ordinal) || place.StartsWith("the role ", StringComparison.Ordinal) ? $"{place} to be free"
                : place.StartsWith("the pause ", StringComparison.Ordinal) || place.StartsWith("the room ", StringComparison.Ordinal) ? place
                : $"{place} to be gone",
            ("!=", "null") => $"{place} to be there",
            ("==", _) => $"{place} to be {text}",
            ("!=", _) => $"{place} to be other than {text}",
            (">", "0") => IsCount(place) ? place : $"{place} to be more than 0",
            (">=", "1") when IsCount(place) => place,
            (">", _) => $"{place} to be more than {text}",
            (">=", _) => $"{place} to be at least {text}",
            ("<", _) => $"{place} to be less than {text}",
            ("<=", _) => $"{place} to be at most {text}",
            _ => null,
        };
    }

    private static bool IsCount(string place) => place.StartsWith("something in ", StringComparison.Ordinal) || place is "a message to it" or "a new message" or "a question to it" or "an approval to decide" or "a decision";

    private static string? PlaceOf(string path, bool isSize)
    {
        List<string> segments = [.. Segment().Matches(path).Select(static match => match.Groups["name"].Success ? match.Groups["name"].Value : match.Groups["quoted"].Value)];
        var place = segments switch
        {
            ["messages", "directed_unread"] => "a message to it",
            ["messages", "unread" or "count"] => "a new message",
            ["messages", "to_answer"] => "a question to it",
            ["approvals", "to_decide"] => "an approval to decide",
            ["approvals", "pending"] => "a decision",
            ["approvals", var id, "status"] => $"the decision on {Clip(id)}",
            ["leases", var key] => Lease(key),
            ["leases", var key, "holder"] => $"the holder of {Lease(key)}",
            ["agents", var id, var field] => $"the {Clip(field)} of {Clip(id)}",
            ["views", var view, .. var rest] => Inside($"the view {Clip(view)}", rest),
            ["actions", var action, "available"] => $"the action {Clip(action)} to open",
            ["state", "self", var key, .. var rest] => Inside($"its own {Clip(key)}", rest),
            ["state", var scope, var key, .. var rest] => Inside(Place(scope, key), rest),
            _ => null,
        };
        return place is null || place == "a new message" && segments[^1] == "count" && !isSize ? null
            : isSize && !IsCount(place) ? $"something in {place}"
            : place;
    }

    private static string Inside(string place, List<string> rest) => rest.Count == 0 ? place : $"{Clip(string.Join('.', rest))} of {place}";

    private static string Clip(string text) => text.Length <= MaxName ? text : text[..(MaxName - 1)] + "…";

    [GeneratedRegex("""
        ^\s*(?<size>size\()?(?<place>(?:state|views|leases|agents|actions|approvals|messages)(?:\.[A-Za-z_][A-Za-z0-9_]*|\["[^"\\]*"\]|\['[^'\\]*'\])+?)(?<size2>\.size\(\))?\)?\s*(?<op>==|!=|>=|<=|>|<)\s*(?<value>"[^"\\]*"|'[^'\\]*'|-?[0-9]+(?:\.[0-9]+)?|true|false|null)\s*$
        """, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Comparison();

    [GeneratedRegex("""\["(?<quoted>[^"\\]*)"\]|\['(?<quoted>[^'\\]*)'\]|\.?(?<name>[A-Za-z_][A-Za-z0-9_]*)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Segment();

    /// <summary>What a condition says, whoever reads it.</summary>
    private sealed record Meaning(bool IsKnown, string Words, string? Lease, ImmutableArray<string> Scopes)
    {
        private static readonly Meaning s_unknown = new(IsKnown: false, Something, Lease: null, []);

        /// <summary>Whether each place that it reads is known.</summary>
        public bool IsOpen { get; private init; }

        public static Meaning Of(Expression? expression) => expression is null ? s_unknown : new(
            IsKnown: true,
            WaitWords.Words(expression, expression.Reads),
            expression.Reads.FirstOrDefault(static read => read is { Kind: ReadKind.Lease or ReadKind.OwnLease, Key: not null and not ReadPath.SelfMark }).Key,
            [.. expression.Reads.Where(static read => read.Kind is ReadKind.Entry or ReadKind.Scope && read.Scope is not null && !ReservedScopes.IsPublic(read.Scope)).Select(static read => read.Scope!).Distinct()]) // Asked before.
        {
            IsOpen = !expression.Reads.Any(static read => read.Kind == ReadKind.Everything),
        };
    }
}
