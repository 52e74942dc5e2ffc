using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Approvals;

/// <summary>One write that waits for a decision, beside what stands there now. Immutable.</summary>
public sealed class ApprovedWrite
{
    private readonly AnswerWrite _write;

    private ApprovedWrite(AnswerWrite write) => _write = write;

    /// <summary>Where; empty where that is not for the reader.</summary>
    public string Scope => _write.IsPlaceWithheld ? "" : _write.Scope;

    /// <summary>Which entry; empty where that is not for the reader.</summary>
    public string Key => _write.IsPlaceWithheld ? "" : _write.Key;

    /// <summary>Whether the entry is removed.</summary>
    public bool IsDeletion => _write is { Value: null, Edit: null };

    /// <summary>Whether what is written, or where, is not for the reader.</summary>
    public bool IsWithheld => _write.IsWithheld || _write.IsPlaceWithheld;

    /// <summary>What stands there now, as compact JSON; null where nothing does, and where it is long.</summary>
    public string? Before { get; private init; }

    /// <summary>What would stand there, as compact JSON; of what is long, the part that is written.</summary>
    public string? After { get; private init; }

    internal static ApprovedWrite Of(AnswerWrite write, Moment moment)
    {
        var isShown = !write.IsWithheld && !write.IsPlaceWithheld;
        var before = isShown ? moment.State.Find(write.Scope, write.Key)?.Value : null;
        return new ApprovedWrite(write)
        {
            Before = before is { Length: <= Model.Entries.Entry.CheapBytes } now ? now.ToString() : null,
            After = isShown ? (write.Value ?? write.Edit?.Sum ?? write.Edit?.Operand)?.ToString() : null,
        };
    }

    internal void WriteTo(Utf8JsonWriter writer, bool isCut)
    {
        var node = JsonText.Write(isCut ? _write with { IsCut = true } : _write, static (writer, write) => write.WriteTo(writer));
        if (Before is null || isCut)
        {
            node.WriteTo(writer);
            return;
        }

        // As answers report it, with what stands there now.
        using var document = node.Parse();
        writer.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WritePropertyName("before"u8);
        writer.WriteRawValue(Before, skipInputValidation: true);
        writer.WriteEndObject();
    }
}
