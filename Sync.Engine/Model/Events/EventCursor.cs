using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Events;

/// <summary>
/// A position in a room's log: the number of an event and, where whoever keeps it has it from an answer, the event's tag, <c>57.0f3a…</c>. The tag is made of the event itself, so a room that was made anew under the
/// same id, or restored from a backup, is distinguished from the one the position was taken in. A bare number is taken as it is.
/// </summary>
/// <param name="Seq">The event; 0 is before the first.</param>
/// <param name="Tag">Its tag, or null.</param>
public readonly record struct EventCursor(long Seq, string? Tag = null)
{
    private const int TagBytes = 6;

    /// <summary>A bare number.</summary>
    public static implicit operator EventCursor(long seq) => new(seq);

    /// <summary>Reads <c>57</c> or <c>57.0f3a…</c>; null when it is neither.</summary>
    public static EventCursor? Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var number = dot < 0 ? text : text[..dot];
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
        {
            return null;
        }

        return dot < 0 ? new EventCursor(seq)
            : text.Length - dot - 1 == 2 * TagBytes && !text.AsSpan(dot + 1).ContainsAnyExcept("0123456789abcdef") ? new EventCursor(seq, text[(dot + 1)..])
            : null;
    }

    /// <summary>Reads a parameter that names a position in the log: a cursor, or the number of an event.</summary>
    /// <remarks>Errors: <c>invalid_parameter</c>.</remarks>
    public static Outcome<EventCursor> Read(string parameter, string text) =>
        Parse(text) is { } cursor
            ? cursor
            : new SyncError(ErrorCode.InvalidParameter, $"'{parameter}' cannot be '{Identifiers.Shown(text)}'.")
            {
                Hint = "Use the cursor of an answer, such as a context's '_context.cursor', or the number of an event.",
                Help = "context_shaping",
            }.With("parameter", parameter);

    /// <inheritdoc/>
    public override string ToString() => Tag is null ? Seq.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Seq}.{Tag}");

    /// <summary>The tag of an event: of everything that its row holds, so that it is the same after a restart, an export and an import, and in no other history.</summary>
    internal static string TagOf(long seq, DateTimeOffset at, string kind, string? agent, string? action, ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[SHA256.HashSizeInBytes + 1_024];
        SHA256.HashData(body, head);
        var length = SHA256.HashSizeInBytes;
        Utf8Formatter.TryFormat(seq, head[length..], out var written);
        length += written;
        head[length++] = (byte)' ';
        Utf8Formatter.TryFormat(at.ToUnixTimeMilliseconds(), head[length..], out written);
        length += written;
        foreach (var text in (ReadOnlySpan<string?>)[kind, agent, action])
        {
            // Kinds and ids are short; of an action's name that is not, the beginning will do.
            head[length++] = (byte)' ';
            Encoding.UTF8.TryGetBytes(text is { Length: > 80 } ? text.AsSpan(0, 80) : text, head[length..], out written);
            length += written;
        }

        return Convert.ToHexStringLower(SHA256.HashData(head[..length]).AsSpan(0, TagBytes));
    }

    internal static string TagOf(EventRow row) => TagOf(row.Seq, row.At, row.Kind, row.Agent, row.Action, row.Body);
}
