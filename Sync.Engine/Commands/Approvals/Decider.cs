using Sync.Engine.Commands.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.Approvals;

/// <summary>
/// Somebody who decides on an approval, and whether they may. A person, in a signed-in browser, decides on what their agents asked for and not on what they invoked on the page themselves. A token decides
/// on nothing that an agent of its own user asked for, and never in a person's place.
/// </summary>
/// <param name="Actor">Who decides.</param>
/// <param name="Origin">With what.</param>
/// <param name="Moment">The room.</param>
/// <param name="Record">The approval.</param>
/// <param name="ConfirmedAt">When they last showed a passkey; null where they have none.</param>
internal sealed record Decider(Actor Actor, InvocationOrigin Origin, Moment Moment, ApprovalRecord Record, DateTimeOffset? ConfirmedAt)
{
    /// <summary>How long a passkey that was shown counts.</summary>
    public static readonly TimeSpan ConfirmedFor = TimeSpan.FromMinutes(5);

    /// <summary>Null where they may decide, for one of the rules at least. Whether a passkey is asked for is a question of its own.</summary>
    public SyncError? Check() => (CheckOwn() ?? (Record.Rules.Any(rule => CheckRule(rule) is null) ? null : Record.Rules.Select(CheckRule).FirstOrDefault()))?.With("approval", Record.Id);

    /// <summary>Null where they may accept what a rule asks to be decided.</summary>
    public SyncError? Accepts(ApprovalRule rule) => (CheckRule(rule) ?? CheckConfirmed(rule))?.With("approval", Record.Id);

    /// <summary>Null where nobody asks for a passkey, or they have shown theirs since it was asked for.</summary>
    public SyncError? CheckConfirmed()
    {
        var theirs = Record.Rules.Where(rule => CheckRule(rule) is null).Select(CheckConfirmed).ToList();

        // A person can still show it; whoever cannot accepts for the rules that ask for none.
        return Actor.InBrowser || theirs.All(static refusal => refusal is not null) ? theirs.FirstOrDefault(static refusal => refusal is not null)?.With("approval", Record.Id) : null;
    }

    private SyncError? CheckOwn()
    {
        if (Record.Details.Asked is not { } asked)
        {
            return null;
        }

        if (Actor.InBrowser)
        {
            return asked.InBrowser && Actor.User is { } person && person == asked.User
                ? new SyncError(ErrorCode.PersonRequired, "You invoked it yourself, on the page: somebody else decides on it.")
                {
                    Hint = $"It is for {ApprovalRule.Deciders(Record.Rules)}. What your agents ask for you may decide.",
                    Help = "gates",
                }
                : null;
        }

        var own = Actor.Agent is { } agent ? Moment.State.Agents.GetValueOrDefault(agent)?.User ?? Actor.Creates?.User : null;
        var isOwn = IsOne(Actor.User, asked) || IsOne(own, asked)
            || (Actor.Agent is not null && Actor.Agent == Record.Agent)
            || (Origin.Caller.Token is { } token && token == asked.Caller.Token)
            || (Actor is { User: null, Agent: null } && Record.Agent is null && asked is { User: null });
        return isOwn
            ? new SyncError(ErrorCode.PersonRequired, "An agent of the same user asked for it, and no token decides on that.")
            {
                Hint = $"It is for {ApprovalRule.Deciders(Record.Rules)}: the user can decide on the room's page, signed in. Wait until it is decided.",
                Next = [Wait],
                Help = "gates",
            }
            : null;
    }

    private NextStep Wait => NextStep.Wait(Moment.Record?.Id, Record.Awaited);

    private static bool IsOne(string? user, ApprovalDetails.Invoker asked) => user is not null && (user == asked.User || user == asked.AgentUser);

    private SyncError? CheckRule(ApprovalRule rule)
    {
        if (rule.By.All.Any(approver => Is(approver, rule)))
        {
            return null;
        }

        var forPeople = rule.By.All.Any(static approver => approver.Kind is ApproverKind.Person or ApproverKind.User);
        var error = forPeople && !Actor.InBrowser
            ? new SyncError(ErrorCode.PersonRequired, $"It is decided by {rule.By}, on the room's page: no token decides in a person's place.")
            {
                Hint = "Ask them to open the room's page, sign in and decide under Approvals. Wait until it is decided.",
            }
            : rule.By.ArePersons
                ? new SyncError(ErrorCode.PersonRequired, "It is decided by an owner, a collaborator, or a participant whom somebody invited.")
                {
                    Hint = "Whom the open policy let in decides on nothing: an owner of the room can invite them.",
                }
            : rule.By.All is [{ Kind: ApproverKind.Owner }]
                ? new SyncError(ErrorCode.NotOwner, "It is decided by an owner of the room.") { Hint = "Ask an owner to decide, and wait until it is decided." }
            : new SyncError(ErrorCode.ScopeDenied, $"It is decided by {rule.By}.") { Hint = "Leave it to them, and wait until it is decided." };
        return error with { Next = [Wait], Help = "gates" };
    }

    private bool Is(Approver approver, ApprovalRule rule) => approver.Kind switch
    {
        ApproverKind.Person => Actor.IsPerson,
        ApproverKind.Owner => Actor.Level == AccessLevel.Admin,
        ApproverKind.User => Actor.InBrowser && string.Equals(Actor.UserName, approver.Name, StringComparison.OrdinalIgnoreCase),
        ApproverKind.Agent => Actor.Agent is { } id && rule.Means(Moment.State.Agents.GetValueOrDefault(id) ?? Actor.Creates, approver.Name, Moment.Record, Record.Number),
        _ => Actor.Agent is { } agent && Roles.Declared(Moment).Contains(approver.Name) && Roles.HolderOf(Moment, approver.Name) == agent, // Where nobody declares it, a role is a label that anybody takes.
    };

    // Shown after the asking: who confirmed something else before has not seen this.
    private SyncError? CheckConfirmed(ApprovalRule rule) =>
        !rule.Confirm || (Actor.InBrowser && ConfirmedAt is { } at && at > Record.AskedAt && Moment.Now - at <= ConfirmedFor) ? null
        : Actor.InBrowser ? new SyncError(ErrorCode.ConfirmationRequired, "Accepting it takes your passkey once more.") { Hint = "Confirm with your passkey, then decide within five minutes.", Help = "gates" }
        : new SyncError(ErrorCode.PersonRequired, "Accepting it takes a passkey, which only a person at the room's page can show.") { Hint = "Ask them to open the room's page, sign in and decide under Approvals.", Next = [Wait], Help = "gates" };
}
