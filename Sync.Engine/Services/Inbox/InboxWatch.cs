using Sync.Engine.Identity;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;

namespace Sync.Engine.Services.Inbox;

/// <summary>
/// What keeps an inbox current for who looks at it: what is known of it now, and a signal when that is something else. Looking costs next to nothing, however many look. Any thread; one reader each.
/// </summary>
public sealed class InboxWatch : IDisposable
{
    private readonly Func<InboxRequest, Outcome<InboxModel>> _read;
    private readonly AccessDependent _access;
    private Action<InboxWatch>? _leave;
    private TaskCompletionSource _changed = New();

    internal InboxWatch(Caller caller, AccessNotices notices, Func<InboxRequest, Outcome<InboxModel>> read)
    {
        _read = read;
        _access = notices.Add(caller, room: null, _ => Signal());
    }

    /// <summary>What waits, as far as it is known by now: what happened a moment ago may be yet to come. Reads no room.</summary>
    /// <remarks>Errors: as for <see cref="InboxService.ReadAsync"/>.</remarks>
    public Outcome<InboxModel> Current(InboxRequest request) => _read(request);

    /// <summary>Completes when something else waits than at the call before, or when the watch began; also when access has changed. Read after it.</summary>
    public async Task ChangedAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _changed).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _changed, New());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _access.Dispose();
        Interlocked.Exchange(ref _leave, null)?.Invoke(this);
    }

    /// <summary>Says what is to be done when it closes.</summary>
    internal void LeaveBy(Action<InboxWatch> leave) => Volatile.Write(ref _leave, leave);

    /// <summary>Something else waits.</summary>
    internal void Signal() => Volatile.Read(ref _changed).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
