using System.Collections.Immutable;

namespace Sync.Web.Components.Dashboard;

/// <summary>The names under which panels keep in the address what they filter and search by: <c>panel.name</c>.</summary>
internal static class PageFilters
{
    public const string LogText = "log.text";
    public const string LogAgent = "log.agent";
    public const string LogAction = "log.action";
    public const string LogOutcome = "log.outcome";
    public const string StateText = "state.text";
    public const string StateClosed = "state.closed";
    public const string MessagesText = "messages.text";
    public const string MessagesKind = "messages.kind";
    public const string MessagesDirect = "messages.direct";
    public const string ActionsText = "actions.text";
    public const string ViewsText = "views.text";
    public const string LeasesText = "leases.text";
    public const string PacksText = "packs.text";
    public const string PacksOpen = "packs.open";
    public const string ConsoleExpression = "console.expr";
    public const string VocabularyText = "vocabulary.text";
    public const string VocabularyContested = "vocabulary.contested";

    /// <summary>All of the room's own panels; a test sets, reloads and takes back each.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        LogText, LogAgent, LogAction, LogOutcome, StateText, StateClosed, MessagesText, MessagesKind, MessagesDirect, ActionsText, ViewsText, LeasesText, PacksText, PacksOpen,
        ConsoleExpression, VocabularyText, VocabularyContested,
    ];
}
