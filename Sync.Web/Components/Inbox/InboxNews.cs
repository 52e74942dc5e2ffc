using System.Collections.Immutable;
using Sync.Engine.Reads.Inbox;

namespace Sync.Web.Components.Inbox;

/// <summary>What has come into an inbox since a page was opened, each once. What was there before is no news, however late the page learns of it. One thread at a time.</summary>
internal sealed class InboxNews
{
    /// <summary>More at once are no notifications but noise; the badge counts them all.</summary>
    public const int MaxAtOnce = 3;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private DateTimeOffset _since;

    /// <summary>Begins now.</summary>
    public void Begin(DateTimeOffset now) => _since = now;

    /// <summary>The newest of what has come, which wait for the person's word.</summary>
    public ImmutableArray<InboxItem> Of(InboxModel model)
    {
        var come = model.Items.Where(item => item.IsCounted && item.At >= _since && !_told.Contains(item.Key)).ToList();
        _told.IntersectWith(model.Items.Select(static item => item.Key));
        _told.UnionWith(come.Select(static item => item.Key));
        return [.. come.Take(MaxAtOnce)];
    }
}
