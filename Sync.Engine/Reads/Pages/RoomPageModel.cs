using System.Collections.Immutable;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Reads.Agents;

namespace Sync.Engine.Reads.Pages;

/// <summary>Everything a reader may see of a room at one moment. Immutable; parts that did not change are the same objects as in the model before.</summary>
public sealed record RoomPageModel
{
    /// <summary>Newest event.</summary>
    public required long Seq { get; init; }

    /// <summary>Whether its reader may see less than that of <paramref name="before"/> might: then what was fetched for that one must go.</summary>
    public bool MaySeeLessThan(RoomPageModel before) =>
        Info.Access < before.Info.Access
        || (Shows is not null && before.Shows is not null && before.Shows.Except(Shows, StringComparer.Ordinal).Any())
        || (!VisibleScopes.All && (before.VisibleScopes.All || (!before.VisibleScopes.Private.IsDefault && before.VisibleScopes.Private.Any(scope => !VisibleScopes.Sees(scope)))));

    /// <summary>Whether its reader, acting as <paramref name="agent"/> or with null as themselves, may redefine or delete an action. Nobody changes the past.</summary>
    public bool MayChange(ActionModel action, string? agent) => !IsPast && Ownership.MayChange(Info.Access, Info.Role, agent ?? Self, action.Registrant, action.Scope);

    /// <summary>The same for a view.</summary>
    public bool MayChange(ViewModel view, string? agent) =>
        !IsPast && !view.System && Ownership.MayChange(Info.Access, Info.Role, agent ?? Self, view.Registrant, view.Scope);

    /// <summary>When the newest event happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether it shows a moment gone by, in which nobody can act.</summary>
    public bool IsPast { get; init; }

    /// <summary>Which change it was taken at; presence counts too.</summary>
    internal long FeedVersion { get; init; }

    /// <summary>What its reader sees of private scopes.</summary>
    internal VisibleScopes VisibleScopes { get; init; }

    /// <summary>The only views its reader may see, whether or not they are there; then everything but <see cref="Views"/> is empty. Null for who reads the room.</summary>
    public IReadOnlyList<string>? Shows { get; init; }

    /// <summary>The room.</summary>
    public required RoomInfo Info { get; init; }

    /// <summary>The membership it was taken at.</summary>
    internal object? Members { get; init; }

    /// <summary>The agent the caller acts as, or null for a watcher.</summary>
    public string? Self { get; init; }

    /// <summary>Agents by id.</summary>
    public required ImmutableArray<AgentModel> Agents { get; init; }

    /// <summary>State entries by scope and key, of the scopes the caller reads.</summary>
    public required ImmutableArray<EntryModel> Entries { get; init; }

    /// <summary>The newest messages, oldest first, at most 500.</summary>
    public required ImmutableArray<MessageModel> Messages { get; init; }

    /// <summary>The newest message that the reader's agent has read.</summary>
    public long ReadUpTo { get; init; }

    /// <summary>Messages ever sent.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Custom actions by id.</summary>
    public required ImmutableArray<ActionModel> Actions { get; init; }

    /// <summary>Views by id, <c>_contested</c> among them.</summary>
    public required ImmutableArray<ViewModel> Views { get; init; }

    /// <summary>Views that are not enabled now and that nobody reads, by id, without a value: for who would change them.</summary>
    public ImmutableArray<ViewModel> DormantViews { get; init; } = [];

    /// <summary>Leases that are held: the reader's own first, then by key, at most 200.</summary>
    public ImmutableArray<LeaseModel> Leases { get; init; } = [];

    /// <summary>How many leases are held.</summary>
    public int LeaseCount { get; init; }

    /// <summary>What is paused.</summary>
    public ImmutableArray<PauseModel> Pauses { get; init; } = [];

    /// <summary>Packs that are installed, by name.</summary>
    public ImmutableArray<PackModel> Packs { get; init; } = [];

    /// <summary>How many approvals wait for a decision.</summary>
    public int PendingApprovals { get; init; }

    /// <summary>Another object whenever an approval is asked for, decided or forgotten.</summary>
    public object? ApprovalsStamp { get; init; }

    /// <summary>How actions, keys and views hang together.</summary>
    public required RoomVocabulary Vocabulary { get; init; }

    /// <summary>The newest events, newest first, at most 100.</summary>
    public required ImmutableArray<EventModel> Activity { get; init; }
}

/// <summary>An agent in a model.</summary>
/// <remarks><paramref name="WaitingOn"/> is the condition that it waits for, null also where its reader may not read it; <see cref="Wait"/> says it in words.</remarks>
public sealed record AgentModel(string Id, string Name, string Role, AgentStatus Status, string? WaitingOn, DateTimeOffset? LastHeartbeat)
{
    /// <summary>What it waits for; null where it does not.</summary>
    public WaitModel? Wait { get; init; }

    /// <summary>When it joined.</summary>
    public DateTimeOffset JoinedAt { get; init; }

    /// <summary>The event it joined with; 0 in logs that do not say. Agents are told apart by the order of it.</summary>
    public long JoinedSeq { get; init; }

    /// <summary>The user whose agent it is; null where it is nobody's, and to readers.</summary>
    public string? Owner { get; init; }
}

/// <summary>An entry in a model; <paramref name="Value"/> is compact JSON text.</summary>
public sealed record EntryModel(string Scope, string Key, string Value, string Version, long Revision, DateTimeOffset UpdatedAt, long Seq, string? Writer, string? Via);

/// <summary>A message in a model; <paramref name="Body"/> is text, or compact JSON when it was no string.</summary>
public sealed record MessageModel(long Seq, string From, string Kind, string Body, ImmutableArray<string> To, DateTimeOffset At)
{
    /// <summary>The number of the message it answers, or null.</summary>
    public long? ReplyTo { get; init; }

    /// <summary>Whether the reader's agent has not read it: by its cursor, which pages do not move.</summary>
    public bool IsUnread { get; init; }
}

/// <summary>An action in a model; <paramref name="Definition"/> is its compact JSON as registered, <paramref name="Registrant"/> who registered it, <paramref name="DependsOn"/> the parameters that
/// its guard waits for, or null.</summary>
public sealed record ActionModel(string Id, string Scope, string? Description, bool Available, string? Reason, long Invocations, string Definition, string? Registrant = null, string? DependsOn = null);

/// <summary>A view in a model; <paramref name="Value"/> is compact JSON, <paramref name="Render"/> its render hint's compact JSON or null,
/// <paramref name="Registrant"/> who registered it, <paramref name="Definition"/> its compact JSON as registered, null for what nobody registered.</summary>
public sealed record ViewModel(
    string Id, string Scope, string? Expression, string? Description, string Value, string? Render, bool System, string? Error, string? Registrant = null, string? Definition = null);

/// <summary>An event in a model; <paramref name="Params"/> is compact JSON or null.</summary>
public sealed record EventModel(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok, string? Error, int Count, string? Params)
{
    /// <summary>The user who acted as the agent, where it is another user's; null otherwise.</summary>
    public string? By { get; init; }

    /// <summary>The earlier event that it followed from; null where none is known.</summary>
    public long? Because { get; init; }

    /// <summary>What a refusal said, or null.</summary>
    public string? Message { get; init; }

    /// <summary>How many steps it has, where it was done in the name of several; otherwise 0.</summary>
    public int Steps { get; init; }
}
