using Sync.Engine.Reads.Inbox;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Inbox;

/// <summary>How the page calls what waits, and where it leads.</summary>
internal static class InboxWords
{
    public static string Plural(InboxKind kind) => kind switch
    {
        InboxKind.Approval => "Approvals",
        InboxKind.Question => "Questions",
        InboxKind.Message => "Messages",
        InboxKind.Invitation => "Invitations",
        _ => "Attention",
    };

    public static string Name(InboxItem item) => item.Kind switch
    {
        InboxKind.Approval => "Approval",
        InboxKind.Question => "Question",
        InboxKind.Message => "Message",
        InboxKind.Invitation => "Invitation",
        _ => item.Attention switch
        {
            "broken_view" => "Broken view",
            "broken_surface" => "Broken surface",
            "broken_action" => "Broken action",
            "contested" => "Contested",
            "paused" => "Paused",
            "refused" => "Refused",
            _ => "Nobody can decide",
        },
    };

    /// <summary>The line of a list: what was said where somebody said it, else what it is.</summary>
    public static string Line(InboxItem item) => item.Kind is InboxKind.Question or InboxKind.Message ? Clip.Text(item.Text, Clip.Name * 2) : item.Title;

    /// <summary>Where in its room it leads.</summary>
    public static PageLocation Place(InboxItem item) => item switch
    {
        { Kind: InboxKind.Approval } => new PageLocation("approvals"),
        { Message: { } message } => new PageLocation("messages") { Message = message },
        { Attention: "undecidable" } => new PageLocation("approvals"),
        { Attention: "contested" } => new PageLocation("vocabulary"),
        { View: { } view } => new PageLocation("views") { View = view },
        { Attention: "refused", Agent: { } agent } => new PageLocation("log").WithFilter("log.agent", agent),
        { Agent: { } agent } => new PageLocation("agents") { Agent = agent },
        { Action: { } action } => new PageLocation("actions") { Action = action },
        _ => new PageLocation(),
    };

    /// <summary>What one does there about what needs attention.</summary>
    public static string Remedy(InboxItem item) => item.Attention switch
    {
        "broken_view" => "Open the view to see its expression and where it fails, and replace it.",
        "broken_surface" => "Open the view: register what its render hint names, or name something else.",
        "broken_action" => "Open the action and register it again.",
        "contested" => "Open the vocabulary to see who writes what. Name the other in 'shares' where that is meant, or give each a key of its own.",
        "paused" => "Whoever paused it, or an owner, has it go on with Resume on the room's page.",
        "refused" => "Look at what it tried and why it was refused; tell it what to do instead, or pause it.",
        _ => "Invite somebody who may decide, give the role to an agent, or reject it as an owner.",
    };

    /// <summary>What the link there says.</summary>
    public static string LinkTo(InboxItem item) => item switch
    {
        { Kind: InboxKind.Approval } or { Attention: "undecidable" } => "Open the approvals",
        { Message: not null } => "Open in the room's messages",
        { Attention: "contested" } => "Open the vocabulary",
        { View: not null } => "Open the view",
        { Attention: "refused" } => "Open the log",
        { Agent: not null } => "Open the agent",
        { Action: not null } => "Open the action",
        _ => "Open the room",
    };
}
