using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Approvals;

/// <summary>The writes of an invocation that waits for a decision: what is shown of them, and what is compared.</summary>
internal static class ShownWrites
{
    // Of longer writes an approval names the places; the preview gives the rest.
    private const int MaxBytes = 32 * 1024;

    // A copy of the clock moves by so much where the clock does.
    private static readonly TimeSpan s_later = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// What tells whether two results of an invocation are the same for who decides: each place with what is put there, taken away or added. Not compared are revisions, the key of a new row and the place of an
    /// appended element: they move with what others write, and say nothing of what is done.
    /// </summary>
    /// <param name="writes">The writes.</param>
    /// <param name="salt">Kept with the approval, so that nobody finds out by trying what a private value is.</param>
    public static string VersionOf(IReadOnlyList<AnswerWrite> writes, string salt) => CanonicalJson.Version(Compared(writes, salt));

    /// <summary>
    /// The same of what an approval would write at this moment: that of what was shown where nothing but copies of the clock has moved with it. Of other writes it leaves such copies out, so that it names the same
    /// writes a moment later, too.
    /// </summary>
    /// <param name="input">The invocation of this moment, as who asked.</param>
    /// <param name="writes">Its writes.</param>
    /// <param name="record">The approval.</param>
    /// <param name="asked">What it was asked for with.</param>
    public static string VersionNow(InvocationInput input, IReadOnlyList<AnswerWrite> writes, ApprovalRecord record, ApprovalDetails.Invoker asked)
    {
        var compared = Compared(writes, asked.Salt);
        if (CanonicalJson.Version(compared) is var version && version == asked.WritesVersion)
        {
            return version;
        }

        var (now, said) = (compared.ToNode(), input.Moment.Said);
        if (At(record.AskedAt) is { } then && VersionOf(CopiedTimes.Replace(now, then, record.AskedAt - said, static (_, shown) => shown)) == asked.WritesVersion)
        {
            return asked.WritesVersion;
        }

        return At(said + s_later) is { } later
            ? VersionOf(CopiedTimes.Replace(now, later, s_later, (time, _) => string.Create(CultureInfo.InvariantCulture, $"now {Math.Ceiling((time - said).TotalMilliseconds)} ms")))
            : version;

        JsonNode? At(DateTimeOffset time) =>
            Invocation.Run(input with { Moment = input.Moment with { Said = time }, Budget = input.Moment.State.Language.NewBudget() }).Try(out var effect, out _) && effect.Body is { } body ? Compared(body.Writes, asked.Salt).ToNode() : null;
    }

    /// <summary>The writes as a reader may see them, as JSON, and how many are left out since they go to places that are closed to that reader.</summary>
    public static (JsonText Json, int Hidden) For(IReadOnlyList<AnswerWrite> writes, VisibleScopes reader)
    {
        var shown = writes.Select(write => write.ShownTo(reader)).Where(static write => !write.IsClosed).ToList();
        var json = JsonText.Write(shown, static (writer, shown) =>
        {
            writer.WriteStartArray();
            var left = (long)MaxBytes;
            foreach (var write in shown)
            {
                left -= write.ContentBytes;
                (left < 0 ? write with { IsCut = true } : write).WriteTo(writer);
            }

            writer.WriteEndArray();
        });
        return (json, writes.Count - shown.Count);
    }

    private static string VersionOf(JsonNode? compared) => CanonicalJson.Version(JsonText.Of(compared!)); // It is a list.

    private static JsonText Compared(IReadOnlyList<AnswerWrite> writes, string salt) => JsonText.Write((writes, salt), static (writer, t) =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(t.salt);
        foreach (var write in t.writes)
        {
            Write(writer, write);
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, AnswerWrite write)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(write.Scope);
        writer.WriteStringValue(write.IsRow ? "" : write.Key);
        if (write.Edit is { } edit)
        {
            writer.WriteStringValue(edit.Kind.ToString());
            writer.WriteStringValue(edit.Path);
            (edit.Sum ?? edit.Operand).WriteTo(writer);
        }
        else if (write.Value is { } value)
        {
            writer.WriteStringValue("Put"u8);
            value.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteBooleanValue(write.IsUnchanged);
        writer.WriteEndArray();
    }
}
