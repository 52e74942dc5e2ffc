using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Manage;

/// <summary>The controls of a <see cref="ScopeDraft"/>.</summary>
public sealed partial class ScopeEditor
{
    private const int FilterFrom = 8;

    private string _filter = "";
    private int _max = ShowMore.Step;

    /// <summary>What is being put together.</summary>
    [Parameter, EditorRequired]
    public required ScopeDraft Draft { get; set; }

    /// <summary>The rooms to choose from.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RoomInfo> Rooms { get; set; }

    /// <summary>Told after each change.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    // The draft may name rooms that one is in no more: they are shown, so that nothing is kept or dropped unseen.
    private IReadOnlyList<Line> Lines =>
    [
        .. Rooms.Select(room => new Line(Draft.Room(room.Id), room.Name, room.Access)),
        .. Draft.Rooms.Where(draft => Rooms.All(room => room.Id != draft.Id)).Select(draft => new Line(draft, Name: null, AccessLevel.None)),
    ];

    // Of a list that is not drawn whole, what is chosen stands first: it must not be behind the end.
    private IReadOnlyList<Line> Found =>
        Lines.Where(Matches).ToList() is var found && found.Count > ShowMore.Step ? [.. found.OrderBy(static line => line.Draft.Choice == RoomChoice.None)] : found;

    private static IEnumerable<RoomChoice> Choices(Line line)
    {
        // Which surfaces there are, only the room itself tells: a link is made there, and here it can be narrowed.
        RoomChoice[] all = [.. line.Draft.Views.Count > 0 ? (RoomChoice[])[RoomChoice.Views] : [], RoomChoice.Read, RoomChoice.Write, RoomChoice.Agent, RoomChoice.Everything];
        return all.Where(choice => choice == line.Draft.Choice || Needs(choice) <= line.Max);
    }

    private static AccessLevel Needs(RoomChoice choice) => choice switch
    {
        RoomChoice.Views => AccessLevel.Views,
        RoomChoice.Read => AccessLevel.Read,
        RoomChoice.Everything => AccessLevel.Admin,
        _ => AccessLevel.Write,
    };

    private static string Word(RoomChoice choice) => choice switch
    {
        RoomChoice.Views => "Only some surfaces",
        RoomChoice.Read => "Read",
        RoomChoice.Write => "Read and write",
        RoomChoice.Agent => "As one agent",
        _ => "Everything",
    };

    private static void Show(RoomDraft draft, string view, bool on)
    {
        if (on)
        {
            draft.Hidden.Remove(view);
        }
        else
        {
            draft.Hidden.Add(view);
        }
    }

    private static T Parse<T>(ChangeEventArgs change)
        where T : struct, Enum => Enum.TryParse<T>(change.Value?.ToString(), out var value) ? value : default;

    private bool Matches(Line line) =>
        line.Draft.Id.Contains(_filter, StringComparison.OrdinalIgnoreCase) || (line.Name?.Contains(_filter, StringComparison.OrdinalIgnoreCase) ?? false);

    private Task Set(Action change)
    {
        change();
        return Changed.InvokeAsync();
    }

    private sealed record Line(RoomDraft Draft, string? Name, AccessLevel Max);
}
