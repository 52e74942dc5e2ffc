using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Dashboard.Sharing;

/// <summary>What somebody can do in a room, for the person who is about to let them: the one place where it is put into sentences.</summary>
internal static class ReachWords
{
    private const int MaxNamed = 6;

    /// <summary>What the holder can do with what they hold.</summary>
    /// <param name="reach">What they reach.</param>
    /// <param name="who">The subject of the sentence, in the third person: "Whoever has the link".</param>
    /// <param name="label">What a view is called on the page.</param>
    public static string Does(RoomReach reach, string who, Func<string, string> label) => reach switch
    {
        { Level: AccessLevel.None } => $"{who} reaches nothing of the room.",
        { Level: AccessLevel.Views, Views: { Length: 1 } only } => $"{who} sees {label(only[0])} as it changes, and nothing else of the room. Nothing can be changed with it.",
        { Level: AccessLevel.Views, Views: var views } => $"{who} sees {views.Length} surfaces as they change ({Names(views.Select(label), views.Length)}), and nothing else of the room. Nothing can be changed with it.",
        { Level: AccessLevel.Read, SeesPrivate: true } => $"{who} reads everything in the room as it changes, what agents keep private among it. Nothing can be changed with it.",
        { Level: AccessLevel.Read } => $"{who} reads everything shared in the room as it changes: state, messages, agents and the whole log. What agents keep private stays hidden, and nothing can be changed with it.",
        { Level: AccessLevel.Write, Agent: { } agent } => $"{who} reads everything shared and acts as {agent}, and as nobody else: invokes actions, sends messages, registers actions and views.",
        { Level: AccessLevel.Write } => $"{who} reads everything shared and acts: invokes actions, sends messages, registers actions and views. What others keep private stays hidden.",
        _ => $"{who} does everything in the room: reads what agents keep private, acts as any agent, changes members and settings, deletes the room.",
    };

    /// <summary>What comes on top because whoever knows the room's id may join; null where members only join.</summary>
    public static string? Open(RoomReach reach) => reach switch
    {
        { CanJoin: false } => null,
        { Level: >= AccessLevel.Write } => "The room is open: whoever knows its id can join as an agent, also after this has ended.",
        _ => "The room is open: this contains its id, and whoever knows the id can join as an agent, read everything shared and act, also after this has ended.",
    };

    private static string Names(IEnumerable<string> names, int count) =>
        string.Join(", ", names.Take(MaxNamed)) + (count > MaxNamed ? $" and {count - MaxNamed} more" : "");
}
