namespace Sync.Engine.Reads.Inbox;

/// <summary>The kinds of what waits in an inbox.</summary>
public enum InboxKind
{
    /// <summary>An invocation on which the person may decide.</summary>
    Approval,

    /// <summary>A question directed to the person's agent that it has not replied to.</summary>
    Question,

    /// <summary>A message directed to the person's agent that it has not read.</summary>
    Message,

    /// <summary>Something in a room that does not work, or does not go on.</summary>
    Attention,

    /// <summary>A role in a room that the person has not taken up.</summary>
    Invitation,
}

/// <summary>The names of the kinds, as they are written and asked for.</summary>
public static class InboxKinds
{
    /// <summary>All kinds, those that wait for the person's word first.</summary>
    public static IReadOnlyList<InboxKind> All { get; } = [InboxKind.Approval, InboxKind.Question, InboxKind.Message, InboxKind.Invitation, InboxKind.Attention];

    /// <summary>The name of a kind: <c>approval question message attention invitation</c>.</summary>
    public static string Name(this InboxKind kind) => kind switch
    {
        InboxKind.Approval => "approval",
        InboxKind.Question => "question",
        InboxKind.Message => "message",
        InboxKind.Attention => "attention",
        _ => "invitation",
    };

    /// <summary>The kind of a name, or null.</summary>
    public static InboxKind? Parse(string? name)
    {
        foreach (var kind in All)
        {
            if (kind.Name() == name)
            {
                return kind;
            }
        }

        return null;
    }
}
