namespace Sync.Engine;

/// <summary>The past of a room. All answers are UTF-8 JSON.</summary>
public sealed class HistoryDoor
{
    /// <summary>Writes of one key, newest first: <c>{scope, key, history:[…], next_before?}</c>.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> KeyAsync(Caller caller, string room, string scope, string key, long? before, int limit, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>The room's state as it was after event <paramref name="seq"/>, with that event.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> ReplayAsync(Caller caller, string room, long seq, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Log events oldest first after a seq, or newest first when <paramref name="query"/> names none.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> AuditAsync(Caller caller, string room, AuditQuery query, CancellationToken cancellationToken) => throw new InvalidOperationException();
}

/// <summary>Filters of the log.</summary>
/// <param name="After">Only events after this seq, oldest first; null: the newest.</param>
/// <param name="Limit">At most so many, 1–2000.</param>
/// <param name="Agent">Only of this agent.</param>
/// <param name="Action">Only of this action.</param>
/// <param name="Ok">Only accepted or only refused ones.</param>
public sealed record AuditQuery(long? After, int Limit, string? Agent, string? Action, bool? Ok);
