using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Approvals;

/// <summary>The writes of an invocation that waits for a decision: what is shown of them, and what is compared.</summary>
internal static class ShownWrites
{
    // Of longer writes an approval names the places; the preview gives the rest.
    private const int MaxBytes = 32 * 1024;

    /// <summary>
    /// What tells whether two results of an invocation are the same for who decides: each place with what is put there, taken away or added. Not compared are revisions, the key of a new row and the place of an
    /// appended element: they move with what others write, and say nothing of what is done.
    /// </summary>
    /// <param name="writes">The writes.</param>
    /// <param name="salt">Kept with the approval, so that nobody finds out by trying what a private value is.</param>
    public static string VersionOf(IReadOnlyList<AnswerWrite> writes, string salt) => CanonicalJson.Version(JsonText.Write((writes, salt), static (writer, t) =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(t.salt);
        foreach (var write in t.writes)
        {
            Write(writer, write);
        }

        writer.WriteEndArray();
    }));

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
