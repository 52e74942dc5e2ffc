using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Manage;

/// <summary>The controls of a <see cref="ScopeDraft"/>.</summary>
public sealed partial class ScopeEditor
{
    private const int FilterFrom = 8;

    private IReadOnlyList<Line> _lines = [];
    private ScopeDraft? _looked;
    private string _filter = "";
    private int _max = ShowMore.Step;
    private bool _hasMore;

    /// <summary>What is being put together.</summary>
    [Parameter, EditorRequired]
    public required ScopeDraft Draft { get; set; }

    /// <summary>The rooms to choose from.</summary>
    [Parameter, EditorRequired]
    public required RoomFinder Rooms { get; set; }

    /// <summary>Told after each change.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private bool HasFilter => _lines.Count > FilterFrom || _filter.Length > 0;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_looked, Draft))
        {
            _looked = Draft;
            FindRooms();
        }
    }

    // What the draft chooses stands first: it must not be behind the end. It may name rooms that one is in no more, so that nothing is kept or dropped unseen.
    private void FindRooms()
    {
        var found = Rooms.Search(_filter, _max);
        var chosen = Draft.Rooms.Where(static room => room.Choice != RoomChoice.None).Select(room => Of(room, Rooms.Find(room.Id))).Where(Matches).ToList();
        _lines = [.. chosen, .. found.Rooms.Where(room => chosen.TrueForAll(line => line.Draft.Id != room.Id)).Select(room => Of(Draft.Room(room.Id), room))];
        _hasMore = found.HasMore;

        static Line Of(RoomDraft draft, RoomInfo? room) => new(draft, room?.Name, room?.Access ?? AccessLevel.None);
    }

    private void ShowMoreRooms()
    {
        _max += ShowMore.Step;
        FindRooms();
    }

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
