using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>
/// The messages a panel shows: a window of at most <see cref="Max"/> over all that were ever sent. It stands at the newest and moves with them, until the reader goes back: then nothing
/// moves away under them, and once the window is full what is newer waits. On the page's dispatcher only; one reading at a time.
/// </summary>
internal sealed class MessageHistory
{
    /// <summary>Shown before anybody asks for more, and added with each asking.</summary>
    public const int Page = 100;

    /// <summary>Most lines at once.</summary>
    public const int Max = 300;

    // A reading looks at so many stretches for what the filter takes before it rests.
    private const int MaxStretches = 10;
    private static readonly int s_stretch = CountBound.Messages.Max;

    private RoomPageModel? _seen;
    private string[] _words = [];
    private long _low = 1; // All messages from this number on have been looked at …
    private long _high; // … up to this one.

    /// <summary>Only this kind; null shows all.</summary>
    public string? Kind { get; private set; }

    /// <summary>Only messages to or from the reader.</summary>
    public bool Direct { get; private set; }

    /// <summary>Only messages that have all these words in their body, sender or kind.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Whether some messages are left out.</summary>
    public bool IsFiltered => Kind is not null || Direct || Text.Length > 0;

    /// <summary>The messages to draw, oldest first.</summary>
    public ImmutableArray<MessageModel> Lines { get; private set; } = [];

    /// <summary>Whether there are earlier ones.</summary>
    public bool HasEarlier => _low > 1;

    /// <summary>How many were sent after the window's end.</summary>
    public long Newer => _seen is null ? 0 : _seen.MessageCount - _high;

    /// <summary>How often the window was set to the newest.</summary>
    public int Turn { get; private set; }

    /// <summary>Whether the reader has gone back, so that what comes in is not all news.</summary>
    public bool HasGoneBack { get; private set; }

    /// <summary>Shows other messages, from the newest on.</summary>
    public void Filter(string? kind, bool direct, string text = "")
    {
        (Kind, Direct, Text) = (kind, direct, text);
        _words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ToNewest();
    }

    /// <summary>A message among those known without asking the room, or null.</summary>
    public MessageModel? Known(long seq) =>
        _seen is { Messages: { IsEmpty: false } known } && seq >= known[0].Seq && seq <= known[^1].Seq ? known[(int)(seq - known[0].Seq)] : Lines.FirstOrDefault(message => message.Seq == seq);

    /// <summary>Brings a message into the window, with what was said around it; what does not fit the filter stays out of it.</summary>
    public async Task<SyncError?> GoToAsync(RoomViewer viewer, long seq, CancellationToken cancellationToken)
    {
        if (_seen is null || seq < 1 || seq > _seen.MessageCount || Lines.Any(message => message.Seq == seq))
        {
            return null;
        }

        var turn = Turn;
        var (from, to) = (Math.Max(1, seq - (Page / 2)), Math.Min(_seen.MessageCount, seq + (Page / 2)));
        if (!(await ReadAsync(viewer, from, to, cancellationToken)).Try(out var read, out var error))
        {
            return error;
        }

        if (turn == Turn)
        {
            HasGoneBack = true;
            Lines = [.. read.Where(Fits)];
            (_low, _high) = (from, to);
        }

        return null;
    }

    /// <summary>Back to the newest.</summary>
    public void ToNewest()
    {
        Turn++;
        HasGoneBack = false;
        var known = _seen?.Messages ?? [];
        _high = _seen?.MessageCount ?? 0;
        Lines = [.. known.Where(Fits).TakeLast(Page)];
        _low = Lines.Length == Page ? Lines[0].Seq : known.IsEmpty ? 1 : known[0].Seq;
    }

    /// <summary>Takes a newer model, or one of another moment.</summary>
    public void Show(RoomPageModel model)
    {
        var before = _seen;
        _seen = model;
        if (before is null || before.IsPast != model.IsPast || before.Self != model.Self || model.MessageCount < before.MessageCount)
        {
            ToNewest();
            return;
        }

        if (_high < before.MessageCount || model.MessageCount == _high)
        {
            return;
        }

        if (model.Messages.IsEmpty || model.Messages[0].Seq > _high + 1)
        {
            // More came at once than a model holds.
            if (!HasGoneBack)
            {
                ToNewest();
            }

            return;
        }

        ImmutableArray<MessageModel> all = [.. Lines, .. model.Messages.Where(message => message.Seq > _high && Fits(message))];
        _high = model.MessageCount;
        Lines = all;
        if (!HasGoneBack && all.Length > Page)
        {
            Lines = all[^Page..];
            _low = Lines[0].Seq;
        }

        DropNewest();
    }

    /// <summary>Reads a page further back; what does not fit any more goes at the other end.</summary>
    public async Task<SyncError?> EarlierAsync(RoomViewer viewer, CancellationToken cancellationToken)
    {
        HasGoneBack = true;
        var (turn, low) = (Turn, _low);
        var found = new List<MessageModel>();
        for (var i = 0; i < MaxStretches && low > 1 && found.Count < Page; i++)
        {
            var from = Math.Max(1, low - Reach);
            if (!(await ReadAsync(viewer, from, low - 1, cancellationToken)).Try(out var read, out var error))
            {
                return error;
            }

            found.InsertRange(0, read.Where(Fits));
            low = from;
        }

        if (turn != Turn)
        {
            return null;
        }

        if (found.Count > Page)
        {
            found.RemoveRange(0, found.Count - Page);
            low = found[0].Seq;
        }

        _low = low;
        Lines = [.. found, .. Lines];
        DropNewest();
        return null;
    }

    /// <summary>Reads a page forward again.</summary>
    public async Task<SyncError?> LaterAsync(RoomViewer viewer, CancellationToken cancellationToken)
    {
        var (turn, high) = (Turn, _high);
        var found = new List<MessageModel>();
        for (var i = 0; i < MaxStretches && high < _seen!.MessageCount && found.Count < Page; i++) // Behind something that was seen.
        {
            var to = Math.Min(_seen.MessageCount, high + Reach);
            if (!(await ReadAsync(viewer, high + 1, to, cancellationToken)).Try(out var read, out var error))
            {
                return error;
            }

            found.AddRange(read.Where(Fits));
            high = to;
        }

        if (turn != Turn)
        {
            return null;
        }

        if (found.Count > Page)
        {
            found.RemoveRange(Page, found.Count - Page);
            high = found[^1].Seq;
        }

        _high = high;
        Lines = [.. Lines, .. found];
        if (Lines.Length > Max)
        {
            Lines = Lines[^Max..];
            _low = Lines[0].Seq;
        }

        return null;
    }

    private int Reach => IsFiltered ? s_stretch : Page;

    private void DropNewest()
    {
        if (Lines.Length > Max)
        {
            Lines = Lines[..Max];
            _high = Lines[^1].Seq;
        }
    }

    // From the model where it reaches that far, else from the room; the reader's cursor stays where it is.
    private async Task<Outcome<ImmutableArray<MessageModel>>> ReadAsync(RoomViewer viewer, long from, long to, CancellationToken cancellationToken)
    {
        if (_seen is { Messages: { IsEmpty: false } known } && known[0].Seq <= from)
        {
            return known[(int)(from - known[0].Seq)..(int)(to - known[0].Seq + 1)];
        }

        return await viewer.Engine.Context.MessagesAsync(viewer.Caller, viewer.Room, after: from - 1, limit: (int)(to - from + 1), cancellationToken);
    }

    private static bool Has(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);

    private bool Fits(MessageModel message) =>
        (Kind is null || message.Kind == Kind)
        && _words.All(word => Has(message.Body, word) || Has(message.From, word) || Has(message.Kind, word))
        && (!Direct || (!message.To.IsEmpty && _seen?.Self is { } self && (message.To.Contains(self) || message.From == self)));
}
