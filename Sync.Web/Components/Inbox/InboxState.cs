using Microsoft.AspNetCore.Components.Authorization;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services;
using Sync.Engine.Services.Inbox;
using Sync.Web.Accounts;

namespace Sync.Web.Components.Inbox;

/// <summary>
/// The inbox of the person before a browser, as all parts of the page show it: the badge, the counts, the inbox itself. One per circuit, followed from the first part that asks for it; what waits is worked out
/// by the engine once for all circuits of the person. On the circuit's dispatcher, but for <see cref="Changed"/>, which comes on any thread.
/// </summary>
internal sealed class InboxState(SyncEngine engine, AuthenticationStateProvider people, TimeProvider time) : IAsyncDisposable
{
    /// <summary>However much goes on, parts of the page are not drawn more often.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _gone = new();
    private Task? _following;
    private InboxModel? _model;

    /// <summary>Something else waits than before.</summary>
    public event Action? Changed;

    /// <summary>What waits; null until it is known, and for who is not signed in.</summary>
    public InboxModel? Model => Volatile.Read(ref _model);

    /// <summary>Why it is not known, or null.</summary>
    public SyncError? Refusal { get; private set; }

    /// <summary>Begins to follow, unless that has begun.</summary>
    public Task StartAsync() => _following ??= FollowAsync();

    /// <summary>Who is signed in, by now.</summary>
    public async Task<Caller> CallerAsync() => BrowserSession.Of((await people.GetAuthenticationStateAsync()).User, engine);

    /// <summary>Looks now: after the person has done something about it.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if ((await engine.Inbox.ReadAsync(await CallerAsync(), InboxRequest.All, cancellationToken)).Try(out var model, out var refusal))
        {
            Take(model);
        }

        Refusal = refusal;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
    }

    private async Task FollowAsync()
    {
        var caller = await CallerAsync();
        if (caller.IsAnonymous)
        {
            return;
        }

        if (!engine.Inbox.Watch(caller).Try(out var watch, out var refusal))
        {
            Refusal = refusal;
            return;
        }

        // Goes on for as long as the circuit; who starts it does not wait for its end.
        _ = KeepAsync(watch);
    }

    private async Task KeepAsync(InboxWatch watch)
    {
        var stop = _gone.Token;
        using var following = watch;
        try
        {
            while (true)
            {
                if (watch.Current(InboxRequest.All).Try(out var model, out var refusal))
                {
                    Take(model);
                }
                else
                {
                    // The session has ended.
                    Refusal = refusal;
                    Volatile.Write(ref _model, null);
                    Changed?.Invoke();
                }

                await watch.ChangedAsync(stop);
                await Task.Delay(s_between, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private void Take(InboxModel model)
    {
        var before = Interlocked.Exchange(ref _model, model);
        if (before is null || !model.IsSameAs(before))
        {
            Changed?.Invoke();
        }
    }
}
