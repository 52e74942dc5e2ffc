using Sync.Engine.Identity.Rooms;
using Sync.Engine.Reads.Pages;
using Sync.Web.Accounts;
using Sync.Web.Docs;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>What the palette offers, and what of it fits a query.</summary>
internal sealed class PaletteModel(IReadOnlyList<PaletteItem> items)
{
    /// <summary>At most so much is found.</summary>
    public const int Max = 40;

    private const string RoomGroup = "Room";
    private const string CommandGroup = "Command";

    private string? _room;
    private int _roomsAt;

    public static PaletteModel Empty { get; } = new([]);

    /// <summary>Everything there is to do and to go to but for rooms, what the documentation says and what the room holds, which are looked up for each query.</summary>
    /// <param name="room">The room on the page, or null.</param>
    /// <param name="parts">The parts the page has.</param>
    /// <param name="documents">The documentation.</param>
    /// <param name="isSignedIn">Whether there is an account to go to.</param>
    /// <param name="commands">What the page offers to do.</param>
    public static PaletteModel Of(RoomPageModel? room, IReadOnlyList<PagePart> parts, IReadOnlyList<DocsFile> documents, bool isSignedIn, IEnumerable<PageCommand> commands)
    {
        var items = new List<PaletteItem>();
        if (room is not null)
        {
            items.AddRange(parts.Select(part => new PaletteItem("Panel", part.Title, null, PaletteDeed.Part, part.Id, part.Key is { Length: > 0 } key ? $"g {key}" : null)));
        }

        items.AddRange(commands.Select(static command => new PaletteItem(CommandGroup, command.Title, command.Detail, PaletteDeed.Command, command.Title, command.Keys, command.Run)));
        if (isSignedIn)
        {
            items.Add(new PaletteItem(CommandGroup, "New room", "empty, or from a template", PaletteDeed.Go, "new"));
            items.Add(new PaletteItem(CommandGroup, "New token", "for an agent or a program", PaletteDeed.Load, "manage/tokens"));
        }

        items.AddRange(
        [
            new(CommandGroup, "Keyboard shortcuts", "the sheet of keys; single keys on or off", PaletteDeed.Browser, "keys", "?"),
            new(CommandGroup, "Theme: light", null, PaletteDeed.Browser, "theme:light"),
            new(CommandGroup, "Theme: dark", null, PaletteDeed.Browser, "theme:dark"),
            new(CommandGroup, "Theme: as the system has it", null, PaletteDeed.Browser, "theme:system"),
        ]);
        if (isSignedIn)
        {
            items.Add(new PaletteItem(CommandGroup, "Sign out", null, PaletteDeed.Browser, "sign-out"));
        }

        if (room is not null)
        {
            items.AddRange(room.Actions.Select(action => new PaletteItem("Action", action.Id, action.Description, PaletteDeed.Action, action.Id)));
            items.AddRange(room.Views.Where(static view => !view.System).Select(view => new PaletteItem("View", view.Id, view.Description, PaletteDeed.View, view.Id)));
            items.AddRange(room.Agents.Select(agent => new PaletteItem("Agent", agent.Id, agent.Name == agent.Id ? agent.Role : $"{agent.Name}, {agent.Role}", PaletteDeed.Agent, agent.Id)));
        }

        if (isSignedIn)
        {
            items.Add(new PaletteItem("Page", "Inbox", "what waits for you in all your rooms", PaletteDeed.Go, "inbox", "g i"));
            items.Add(new PaletteItem("Page", "Rooms", "all of them, with what goes on", PaletteDeed.Go, "rooms", "g r"));
            items.Add(new PaletteItem("Page", "Your account", "rooms, tokens, passkeys", PaletteDeed.Load, "manage"));
        }
        else
        {
            items.Add(new PaletteItem("Page", "Sign in", null, PaletteDeed.Load, AccountPaths.SignIn.TrimStart('/')));
        }

        items.Add(new PaletteItem("Page", "Home", null, PaletteDeed.Go, ""));
        items.AddRange(documents.Select(file => new PaletteItem("Help", file.Title, file.Summary, PaletteDeed.Load, $"docs/{file.Slug}")));
        return new PaletteModel(items) { _room = room?.Info.Id, _roomsAt = items.FindIndex(static item => item.Group == "Page") };
    }

    /// <summary>What a query asks of the rooms: the query itself, and what is left of it without words that say that it is about rooms.</summary>
    public static IEnumerable<string> RoomQueries(string query)
    {
        var words = Words(query);
        string[] rest = [.. words.Where(static word => !RoomGroup.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        return rest.Length < words.Length ? [query, string.Join(' ', rest)] : [query];
    }

    /// <summary>What fits, best first: each word must be in the title, the details or the group; a title that begins with it comes first.</summary>
    /// <param name="query">What was typed.</param>
    /// <param name="rooms">Rooms that were found for it (<see cref="RoomQueries"/>).</param>
    public IReadOnlyList<PaletteItem> Find(string query, IEnumerable<RoomInfo> rooms)
    {
        var words = Words(query);
        var found = rooms.Where(info => info.Id != _room)
            .Select(static info => new PaletteItem(RoomGroup, info.Name ?? info.Id, info.Name is null ? null : info.Id, PaletteDeed.Go, AccountPaths.Room(info.Id).TrimStart('/')));
        return
        [
            .. items.Take(_roomsAt).Concat(found).Concat(items.Skip(_roomsAt)).Select((item, place) => (Item: item, Rank: Rank(item, words), Location: place))
                .Where(found => found.Rank is not null)
                .OrderBy(found => found.Rank)
                .ThenBy(found => found.Location)
                .Select(found => found.Item)
                .Take(Max),
        ];
    }

    private static string[] Words(string query) => query.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // Lower is better; null does not fit.
    private static int? Rank(PaletteItem item, string[] words)
    {
        var rank = 0;
        foreach (var word in words)
        {
            var cost = item.Title.Equals(word, StringComparison.OrdinalIgnoreCase) ? 0
                : item.Title.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 1
                : BeginsAWord(item.Title, word) ? 2
                : item.Title.Contains(word, StringComparison.OrdinalIgnoreCase) ? 3
                : item.Group.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 4
                : item.Detail?.Contains(word, StringComparison.OrdinalIgnoreCase) == true ? 5
                : -1;
            if (cost < 0)
            {
                return null;
            }

            rank += cost;
        }

        return rank;
    }

    private static bool BeginsAWord(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A part of the page.</summary>
/// <param name="Id">What its link names.</param>
/// <param name="Title">What its link says.</param>
/// <param name="Key">The letter that goes to it after <c>g</c>.</param>
internal sealed record PagePart(string Id, string Title, string? Key = null);
