using System.Collections.Immutable;
using System.Globalization;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>The shape of a context: which parts, how much of them. Immutable.</summary>
public sealed record ContextShape
{
    private static readonly string[] s_names =
        ["depth", "only", "actions", "messages", "messages_after", "messages_limit", "messages_kinds", "include", "compact", "peek", "since", "at", "meta", "limit", "after", "budget"];

    /// <summary>The default: everything, lean.</summary>
    public static ContextShape Default { get; } = new();

    /// <summary>Depth.</summary>
    public ContextDepth Depth { get; init; }

    /// <summary>Sections to give, in their usual order.</summary>
    public ImmutableArray<ContextSection> Sections { get; init; } = ContextSections.All;

    /// <summary>Whether the caller named them; otherwise they are all there are, of which one that has nothing may be left out.</summary>
    internal bool NamesSections { get; private init; }

    /// <summary>Of the sections of which not all is asked for, the parts that are.</summary>
    internal ImmutableArray<ContextPart> Parts { get; init; } = [];

    /// <summary>Only messages that the reader has not read, oldest first.</summary>
    public bool OnlyUnread { get; init; }

    /// <summary>Which messages are given.</summary>
    public MessageSelection Messages => !Has(ContextSection.Messages) ? MessageSelection.None : OnlyUnread ? MessageSelection.Unread : MessageSelection.All;

    /// <summary>Only messages after this number.</summary>
    public long? MessagesAfter { get; init; }

    /// <summary>At most so many messages.</summary>
    public int MessagesLimit { get; init; } = CountBound.Messages.Default;

    /// <summary>Only messages of these kinds; empty means all.</summary>
    public ImmutableArray<string> MessageKinds { get; init; } = [];

    /// <summary>Whether an owner who acts as an agent asks for the private scopes of the others too.</summary>
    public bool WithPrivate => Include.HasFlag(ContextExtras.Private);

    /// <summary>What is given beside the sections.</summary>
    public ContextExtras Include { get; init; }

    /// <summary>Drop nulls and empties outside of values.</summary>
    public bool Compact { get; init; }

    /// <summary>Leave the message cursor where it is.</summary>
    public bool Peek { get; init; }

    /// <summary>Only what changed after this event.</summary>
    public long? Since => SinceCursor?.Seq;

    /// <summary><see cref="Since"/> as it was given.</summary>
    public EventCursor? SinceCursor { get; init; }

    /// <summary>The room as it was after this event.</summary>
    public long? At => AtCursor?.Seq;

    /// <summary><see cref="At"/> as it was given.</summary>
    public EventCursor? AtCursor { get; init; }

    /// <summary>Entries with their metadata.</summary>
    public bool Meta { get; init; }

    /// <summary>Of the one scope or section that is asked for, at most so many parts; null: as many as fit.</summary>
    public int? Limit { get; init; }

    /// <summary>Of the one scope or section that is asked for, only what comes after the part of this name; of the whole state, the scopes after this one.</summary>
    public string? After { get; init; }

    /// <summary>At most about so many tokens (<see cref="TokenEstimate"/>), the parts that matter most to the reader first; null: as many bytes as the limits say.</summary>
    public int? Budget { get; init; }

    /// <summary>Whether this is for a reader that pays for each byte, such as a model: the context is bounded more tightly.</summary>
    public bool IsLean { get; init; }

    /// <summary>The one section that is asked for, and nothing else of any weight; null when there are several.</summary>
    internal ContextSection? Single => Sections is [var only] && Include == ContextExtras.None && (only != ContextSection.State || Parts.Length == 1) ? only : null;

    /// <summary>Whether the state alone is asked for, from the scope that follows the one named in <see cref="After"/>.</summary>
    internal bool IsPageOfScopes => After is not null && Sections is [ContextSection.State] && Parts.IsEmpty && Include == ContextExtras.None;

    /// <summary>How many events of the log, or writes of a key, where the context has any.</summary>
    internal int LogLimit => Math.Min(Limit ?? (IsLean ? CountBound.LeanContextLog : CountBound.ContextLog).Default, CountBound.ContextLog.Max);

    /// <summary>Where the log begins, oldest first: after what <see cref="After"/> or else <see cref="Since"/> says. Null: it ends with the newest.</summary>
    internal long? LogAfter => LogCursor?.Seq ?? Since;

    /// <summary><see cref="After"/> where it is a position of the log.</summary>
    internal EventCursor? LogCursor { get; private init; }

    /// <summary>Whether it is of the room as such, and not of what somebody has picked out of it.</summary>
    internal bool IsWhole => Parts.IsEmpty && Has(ContextSection.State) && Has(ContextSection.Agents);

    /// <summary>Whether nothing but the log is asked for.</summary>
    internal bool IsLogAlone => HasLog && Sections is [ContextSection.State] && Parts is [{ Path: [{ Text: ReservedScopes.Audit }] }];

    /// <summary>Whether 'limit' and 'after' are about the log, or a key's history, and not about parts of the state.</summary>
    internal bool PagesLog => HasLog || Include.HasFlag(ContextExtras.History);

    private bool HasLog => (Include & (ContextExtras.Audit | ContextExtras.Activity)) != ContextExtras.None;

    /// <summary>
    /// Reads shaping parameters (<c>depth only actions messages messages_after messages_limit messages_kinds include compact peek since at meta limit after budget</c>).
    /// Names listed in <paramref name="alsoKnown"/> are left to the caller; others, and bad values, are <c>invalid_parameter</c>.
    /// </summary>
    public static Outcome<ContextShape> Parse(IEnumerable<KeyValuePair<string, string>> parameters, params ReadOnlySpan<string> alsoKnown)
    {
        var shape = Default;
        foreach (var (name, value) in parameters)
        {
            if (alsoKnown.Contains(name))
            {
                continue;
            }

            if (name == "include" && Split(value).Any(IsPart))
            {
                return PartsIncluded(parameters);
            }

            if (!shape.With(name, value, alsoKnown).Try(out shape!, out var error))
            {
                return error;
            }
        }

        if (shape.Include.HasFlag(ContextExtras.History) && shape.Parts is not [{ Section: ContextSection.State, Path.Length: > 1 }])
        {
            return Bad("include", "A history is of one key.", "Name the key in 'only': \"only\": \"state._shared.KEY\", \"include\": \"history\". The log of the whole room is \"only\": \"state._audit\".");
        }

        if (shape.OnlyUnread && !shape.Has(ContextSection.Messages))
        {
            // Who asks for them wants them, whatever else 'only' and 'include' name.
            shape = shape with { Sections = [.. shape.Sections, ContextSection.Messages] };
        }

        if (shape is { Since: not null, At: not null })
        {
            return Bad("since", "'since' and 'at' do not go together.", "Use one of them.");
        }

        if (shape.PagesLog && (shape.Parts.IsEmpty || shape.IsLogAlone || shape.Include.HasFlag(ContextExtras.History)) && shape is not { Limit: null, After: null })
        {
            return shape.ForLog();
        }

        return shape is { Limit: null, After: null } || shape.Single is not (null or ContextSection.Messages) || shape is { IsPageOfScopes: true, Limit: null } ? shape
            : Bad(shape.After is null ? "limit" : "after", "'limit' and 'after' page through one scope or section.", "Name it in 'only': state._shared, state._shared.list, views, agents, actions or leases. Messages have 'messages_limit' and 'messages_after'; 'state' as a whole has 'after' alone, which goes on after a scope.");
    }

    internal bool Has(ContextSection section) => Sections.Contains(section);

    private Outcome<ContextShape> ForLog() =>
        Limit > CountBound.ContextLog.Max ? CountBound.ContextLog.Refusal("limit")
        : After is null ? this
        : !HasLog ? Bad("after", "A history has no 'after'.", "It ends with the newest write; \"at\": SEQ gives those up to an event, \"since\": SEQ those after it.")
        : EventCursor.Read("after", After).Try(out var cursor, out var error) ? this with { LogCursor = cursor, After = null }
        : error;

    private static bool IsPart(string text) => ContextExtraNames.Find(text) is null && ContextSections.Find(text) is null && (ContextPart.Find(text) ?? ContextPart.Find($"state.{text}")) is { IsSection: false } && (text.Contains('.') || text.StartsWith('_'));

    // Parts are named by 'only'. The call that does it is said whole.
    private static SyncError PartsIncluded(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        List<string> only = [];
        List<string> included = [];
        List<StepArgument> others = [];
        foreach (var (name, value) in parameters)
        {
            switch (name)
            {
                case "only":
                    only.AddRange(ContextPart.Split(value));
                    break;
                case "include":
                    only.AddRange(Split(value).Where(text => IsPart(text) || ContextSections.Find(text) is not null).Select(static text => text.StartsWith('_') ? $"state.{text}" : text));
                    included.AddRange(Split(value).Where(static text => ContextExtraNames.Find(text) is not null));
                    break;
                default:
                    others.Add(new StepArgument(name, value));
                    break;
            }
        }

        ReadOnlySpan<StepArgument> arguments = [.. others, new("only", string.Join(',', only.Distinct())), new("include", included.Count == 0 ? null : string.Join(',', included))];
        return Bad("include", "'include' takes sections and extras; a part of one is named in 'only'.", hint: null) with
        {
            Next = [others.Exists(static argument => argument.Name == "condition") ? NextStep.Wait(arguments) : NextStep.ReadContext(arguments)],
        };
    }

    private Outcome<ContextShape> With(string name, string value, ReadOnlySpan<string> alsoKnown) => name switch
    {
        "depth" => ContextDepths.Find(value) is { } depth ? this with { Depth = depth } : Unfit(name, value, ContextDepths.Names),
        "only" => Only(name, value),
        "include" => Including(value),
        "actions" => Flag(name, value).Try(out var on, out var error) ? on ? this : Without(ContextSection.Actions) : error,
        "messages" => MessageSelections.Find(value) switch
        {
            MessageSelection.All => this,
            MessageSelection.Unread => this with { OnlyUnread = true },
            MessageSelection.None => Without(ContextSection.Messages),
            _ => Unfit(name, value, MessageSelections.Names),
        },
        "compact" => Flag(name, value).Try(out var on, out var error) ? this with { Compact = on } : error,
        "peek" => Flag(name, value).Try(out var on, out var error) ? this with { Peek = on } : error,
        "meta" => Flag(name, value).Try(out var on, out var error) ? this with { Meta = on } : error,
        "messages_after" => Number(name, value, 0, long.MaxValue).Try(out var number, out var error) ? this with { MessagesAfter = number } : error,
        "messages_limit" => Number(name, value, 1, CountBound.Messages.Max).Try(out var number, out var error) ? this with { MessagesLimit = (int)number } : error,
        "messages_kinds" => this with { MessageKinds = [.. Split(value)] },
        "since" => EventCursor.Read(name, value).Try(out var cursor, out var error) ? this with { SinceCursor = cursor } : error,
        "at" => EventCursor.Read(name, value).Try(out var cursor, out var error) ? this with { AtCursor = cursor } : error,
        "limit" => Number(name, value, 1, 10_000).Try(out var number, out var error) ? this with { Limit = (int)number } : error,
        "after" => this with { After = value },
        "budget" => Number(name, value, 1, int.MaxValue).Try(out var number, out var error) ? this with { Budget = (int)number } : error,
        _ => Unknown(name, [.. s_names, .. alsoKnown]),
    };

    private Outcome<ContextShape> Only(string name, string value)
    {
        var parts = new List<ContextPart>();
        var extras = Include;
        foreach (var text in ContextPart.Split(value))
        {
            if (text == ContextExtraNames.Approvals)
            {
                extras |= ContextExtras.Approvals;
                continue;
            }

            if (ContextPart.Find(text) is not { } part)
            {
                return NoPart(name, text);
            }

            if (part is { Section: ContextSection.Messages, IsSection: false })
            {
                return Bad(name, "Messages have no parts.", "Name the section messages, and shape it by 'messages_after', 'messages_limit' and 'messages_kinds'.");
            }

            if (part.Section == ContextSection.State && part.Path is [{ Text: ReservedScopes.Audit }, _, ..])
            {
                return Bad(name, "The log has no parts.", "Name state._audit, which has the newest events.");
            }

            parts.Add(part);
        }

        // The log is no scope that is stored.
        return parts.Count == 0 && extras == Include ? Unfit(name, value, ContextSections.Names) : this with
        {
            Sections = [.. ContextSections.All.Where(section => parts.Exists(part => part.Section == section))],
            NamesSections = true,
            Parts = [.. parts.Where(part => !parts.Contains(part.Section)).Distinct()],
            Include = parts.Exists(static part => part is { Section: ContextSection.State, Path: [{ Text: ReservedScopes.Audit }] }) ? extras | ContextExtras.Audit : extras,
        };
    }

    private static SyncError NoPart(string name, string text)
    {
        var end = text.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? text : text[..end];
        var near = text.StartsWith('_') ? $"state.{text}"
            : DidYouMean.Nearest(first, ContextSections.Names) is { } section ? section + text[first.Length..]
            : null;

        // A suggestion is one that can be read.
        return near is not null && near != text && ContextPart.Find(near) is not null
            ? Bad(name, $"'{name}' cannot be '{Identifiers.Shown(text)}'.", $"Did you mean '{Identifiers.Shown(near)}'?")
            : Bad(name, $"'{name}' cannot be '{Identifiers.Shown(text)}'.", $"Use {string.Join(", ", ContextSections.Names)}, or a part such as state._shared, state._shared.KEY, state._shared[\"a.b\"], views.ID, agents.ID, actions.ID or leases.KEY.");
    }

    // Names of sections restrict, as 'only' does: a wait asks for them this way. The other names add.
    private Outcome<ContextShape> Including(string value)
    {
        var sections = new HashSet<ContextSection>();
        var extras = Include;
        foreach (var text in Split(value))
        {
            if (ContextExtraNames.Find(text) is { } extra)
            {
                extras |= extra;
            }
            else if (ContextSections.Find(text) is { } section)
            {
                sections.Add(section);
            }
            else
            {
                return Unfit("include", text, [.. ContextExtraNames.All, .. ContextSections.Names]);
            }
        }

        return sections.Count == 0 ? this with { Include = extras } : this with { Include = extras, Sections = [.. ContextSections.All.Where(sections.Contains)], NamesSections = true };
    }

    private ContextShape Without(ContextSection section) => this with { Sections = Sections.Remove(section) };

    private static IEnumerable<string> Split(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Outcome<bool> Flag(string name, string value) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => Unfit(name, value, ["true", "false"]),
    };

    private static Outcome<long> Number(string name, string value, long min, long max) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Bad(name, $"'{name}' cannot be '{Identifiers.Shown(value)}'.", max == long.MaxValue ? $"Use a whole number from {min}." : $"Use a whole number from {min} to {max}.");

    private static SyncError Unfit(string name, string value, IEnumerable<string> known)
    {
        var names = known.ToList();
        var near = NearestName.Of(value, names);
        return Bad(name, $"'{name}' cannot be '{Identifiers.Shown(value)}'.", near is null ? $"Use {string.Join(", ", names)}." : $"Did you mean '{near}'?");
    }

    private static SyncError Unknown(string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        var near = NearestName.Of(name, names);
        return Bad(name, $"There is no parameter '{Identifiers.Shown(name)}'.", near is null ? $"Known are {string.Join(", ", names)}." : $"Did you mean '{near}'?");
    }

    private static SyncError Bad(string name, string message, string? hint) =>
        new SyncError(ErrorCode.InvalidParameter, message) { Hint = hint, Help = "context_shaping" }.With("parameter", Identifiers.Shown(name));
}
