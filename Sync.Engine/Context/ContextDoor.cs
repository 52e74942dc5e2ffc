namespace Sync.Engine;

/// <summary>Reading a room.</summary>
public sealed class ContextDoor
{
    /// <summary>The context, shaped. Touches presence and, unless peeking, moves the message cursor.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> ReadAsync(Caller caller, string room, ContextShape shape, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>The dashboard bundle.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> PollAsync(Caller caller, string room, int messagesLimit, int auditLimit, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary><c>{expression, value, type}</c>, or <c>invalid_cel</c> / <c>cel_error</c>.</summary>
    public Task<Outcome<ReadOnlyMemory<byte>>> EvalAsync(Caller caller, string room, string expression, CancellationToken cancellationToken) => throw new InvalidOperationException();
}
