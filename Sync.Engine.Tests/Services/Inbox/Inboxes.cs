using Sync.Engine.Identity;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Inbox;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>Shorthand for tests of inboxes.</summary>
internal static class Inboxes
{
    /// <summary>What waits for a caller, as of now, each room having been read.</summary>
    public static Task<InboxModel> InboxAsync(this EngineHost host, Caller caller, InboxRequest? request = null) =>
        EngineHost.UntilAsync(async () => (await host.Engine.Inbox.ReadAsync(caller, request ?? InboxRequest.All, EngineHost.Cancel)).Value, static inbox => inbox.Reading == 0);

    /// <summary>The keys of what waits, in order.</summary>
    public static async Task<string> KeysAsync(this EngineHost host, Caller caller, InboxKind? kind = null) =>
        string.Join(' ', (await host.InboxAsync(caller)).Items.Where(item => kind is null || item.Kind == kind).Select(static item => item.Key).Order(StringComparer.Ordinal));
}
