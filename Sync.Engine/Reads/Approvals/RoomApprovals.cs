using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Approvals;

/// <summary>The approvals of a room as one reader may see them.</summary>
public sealed class RoomApprovals : IJsonAnswer
{
    private readonly long _bytes;

    internal RoomApprovals(IReadOnlyList<RoomApproval> all, long bytes)
    {
        All = all;
        _bytes = bytes;
    }

    /// <summary>They, those that are pending first.</summary>
    public IReadOnlyList<RoomApproval> All { get; }

    /// <summary><c>{approvals: […], pending, to_decide}</c>. What does not fit is there without parameters and writes, and says <c>cut</c>; <c>missing</c> counts what has no place at all.</summary>
    public ReadOnlyMemory<byte> Json => JsonText.Write(this, static (writer, approvals) =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("approvals"u8);

        // Half for those that are whole, since most of the others are short.
        var (whole, others) = (new AnswerSpace(AnswerSpace.Of(approvals._bytes) / 2), new AnswerSpace(AnswerSpace.Of(approvals._bytes) / 2));
        var missing = approvals.All.Count(approval => !whole.TryWrite(writer, approval.Within(approvals._bytes)) && !others.TryWrite(writer, approval.Within(0)));
        writer.WriteEndArray();
        if (missing > 0)
        {
            writer.WriteNumber("missing"u8, missing);
        }

        writer.WriteNumber("pending"u8, approvals.All.Count(static approval => approval.IsPending));
        writer.WriteNumber("to_decide"u8, approvals.All.Count(static approval => approval.IsToDecide));
        writer.WriteEndObject();
    }).Memory;
}
