using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>
/// The messages a panel shows: the newest of the room's picture, and, as far as the reader has gone back, older ones from the log. Bounded: the oldest are let go of again.
/// </summary>
internal sealed class MessageHistory
{
    /// <summary>Shown before anybody asks for more, and added with each asking.</summary>
    public const int Page = 100;

    private const int MostOlder = 1_000;

    private ImmutableArray<MessagePicture> _older = [];
    private int _shown = Page;

    /// <summary>Only this kind; null shows all.</summary>
    public string? Kind { get; set; }

    /// <summary>Only messages to or from the reader.</summary>
    public bool Direct { get; set; }

    /// <summary>The messages to draw, oldest first.</summary>
    public ImmutableArray<MessagePicture> Shown(RoomPicture picture)
    {
        var first = picture.Messages.IsEmpty ? long.MaxValue : picture.Messages[0].Seq;
        return [.. _older.Where(message => message.Seq < first).Concat(picture.Messages).Where(message => Fits(message, picture.Self)).TakeLast(_shown)];
    }

    /// <summary>How many there are before the first one known, shown or not.</summary>
    public long Earlier(RoomPicture picture)
    {
        var oldest = Oldest(picture);
        return oldest is null ? 0 : oldest.Value - 1;
    }

    /// <summary>Whether there is more to show.</summary>
    public bool HasMore(RoomPicture picture)
    {
        var known = _older.Length + picture.Messages.Length;
        return (Shown(picture).Length >= _shown && known > _shown) || (Earlier(picture) > 0 && _older.Length < MostOlder);
    }

    /// <summary>Shows a page more; reads it from the log where the picture ends. The reader's cursor stays where it is.</summary>
    public async Task ShowMoreAsync(RoomSeat? seat, RoomPicture picture, CancellationToken cancellationToken)
    {
        _shown += Page;
        if (seat is null || Oldest(picture) is not { } oldest || oldest <= 1 || Shown(picture).Length >= _shown || _older.Length >= MostOlder)
        {
            return;
        }

        var after = Math.Max(0, oldest - 1 - Page);
        var shape = ContextShape.Default with { Sections = ["messages"], MessagesAfter = after, MessagesLimit = (int)(oldest - 1 - after), Peek = true };
        if ((await seat.Engine.Context.ReadAsync(seat.Caller, seat.Room, shape, cancellationToken)).Try(out var json, out _))
        {
            _older = [.. Read(JsonElement.Parse(json.Span)).Where(message => message.Seq < oldest), .. _older];
        }
    }

    private static IEnumerable<MessagePicture> Read(JsonElement context) =>
        (context.Member("messages") ?? default).Items("recent").Select(message => new MessagePicture(
            (long)(message.Number("seq") ?? 0),
            message.Text("from") ?? "",
            message.Text("kind") ?? "chat",
            message.Member("body") is { } body ? JsonLayout.Plain(body) : "",
            [.. message.Names("to")],
            DateTimeOffset.TryParse(message.Text("at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : default));

    private long? Oldest(RoomPicture picture) => !_older.IsEmpty ? _older[0].Seq : picture.Messages.IsEmpty ? null : picture.Messages[0].Seq;

    private bool Fits(MessagePicture message, string? self) =>
        (Kind is null || message.Kind == Kind) && (!Direct || (!message.To.IsEmpty && self is not null && (message.To.Contains(self) || message.From == self)));
}
