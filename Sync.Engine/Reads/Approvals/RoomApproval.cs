using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Approvals;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Approvals;

/// <summary>An approval as one reader may see it: what everybody sees, and what is theirs to see besides. Immutable.</summary>
public sealed class RoomApproval : IJsonAnswer
{
    private static readonly JsonText s_none = JsonText.Trusted("[]"u8.ToArray());

    private readonly ApprovalRecord _record;
    private readonly Moment _moment;
    private readonly long _bytes;

    private RoomApproval(ApprovalRecord record, Moment moment, long bytes)
    {
        _record = record;
        _moment = moment;
        _bytes = bytes;
    }

    /// <summary>Its id.</summary>
    public string Id => _record.Id;

    /// <summary><c>pending accepted rejected expired withdrawn</c>.</summary>
    public string Status => _record.Status;

    /// <summary>Whether nobody has decided yet.</summary>
    public bool IsPending => _record.IsPending;

    /// <summary>What is to be invoked.</summary>
    public string Action => _record.Action;

    /// <summary>Who asked; null for full access that named nobody.</summary>
    public string? Agent => _record.Agent;

    /// <summary>Who decides, in words.</summary>
    public string By => ApprovalRule.Deciders(IsPending ? _record.Needs : _record.Rules);

    /// <summary>Who has accepted already, where others are still asked, in words; null for nobody.</summary>
    public string? AcceptedBy => _record.Acceptances.IsEmpty ? null : string.Join(", ", _record.Acceptances.Select(static acceptance => acceptance.By).Distinct(StringComparer.Ordinal));

    /// <summary>Whether who accepts shows their passkey once more.</summary>
    public bool Confirm => _record.Rules.Any(static rule => rule.Confirm);

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset AskedAt => _record.AskedAt;

    /// <summary>When it expires; null while the room is paused, and once it is decided.</summary>
    public DateTimeOffset? ExpiresAt => _record.ExpiresAt(_moment);

    /// <summary>Who decided, or null.</summary>
    public string? DecidedBy => _record.DecidedBy;

    /// <summary>What they said, or null.</summary>
    public string? Note => _record.Note;

    /// <summary>The event of the decision, or null.</summary>
    public long? Seq => _record.Seq;

    /// <summary>Whether it was accepted with other parameters.</summary>
    public bool Edited => _record.Edited;

    /// <summary>Why the reader may not decide; null where they may, and once it is decided.</summary>
    public SyncError? MayNot { get; private init; }

    /// <summary>Whether the reader may decide on it, and nobody has.</summary>
    public bool IsToDecide => IsPending && MayNot is null;

    /// <summary>The parameters as compact JSON, where the reader may see them.</summary>
    public string? Params => ShownParams?.ToString();

    /// <summary>What it would write now, as far as the reader may see it; null where that was not worked out.</summary>
    public ImmutableArray<ApprovedWrite>? Writes { get; private init; }

    /// <summary>Whether the reader is shown what it would have written when it was asked for, and not what it would write now.</summary>
    public bool IsAsShown { get; private init; }

    /// <summary>How many of its writes the reader may not see.</summary>
    public int Hidden { get; private init; }

    /// <summary>Names exactly these writes in a decision.</summary>
    public string? WritesVersion { get; private init; }

    /// <summary>The code of the refusal that it would meet now, or null.</summary>
    public string? Refusal { get; private init; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => Within(_bytes).Memory;

    /// <summary>It as an object of at most so many bytes: one that has more says <c>cut</c> in place of parameters, values and the answer.</summary>
    internal JsonText Within(long bytes)
    {
        var whole = JsonText.Write(this, static (writer, approval) => approval.WriteTo(writer, isCut: false));
        return whole.Length <= bytes ? whole : JsonText.Write(this, static (writer, approval) => approval.WriteTo(writer, isCut: true));
    }

    private JsonText? ShownParams { get; init; }

    /// <summary>The answer of the invocation as JSON, for who asked.</summary>
    internal JsonText? Answer { get; private init; }

    /// <summary>Makes it.</summary>
    /// <param name="record">The approval.</param>
    /// <param name="moment">The room.</param>
    /// <param name="visible">What the reader sees.</param>
    /// <param name="isAsker">Whether the reader is who asked.</param>
    /// <param name="mayNot">Why the reader may not decide; null where they may, and once it is decided.</param>
    /// <param name="preview">What it would write now; null where nobody asked for that.</param>
    /// <param name="bytes">How long an answer may be.</param>
    internal static RoomApproval Of(ApprovalRecord record, Moment moment, VisibleScopes visible, bool isAsker, SyncError? mayNot, Preview? preview, long bytes)
    {
        var seesParams = isAsker || (record.Details.Asked is { } asked && asked.Scopes.All(visible.Sees));

        // How it would go now may rest on what the invoker keeps private: others see what was shown when it was asked for.
        var isAsShown = preview is not null && !isAsker && !visible.All && mayNot is not null;
        preview = isAsShown ? null : preview;
        var shown = preview?.Writes.Select(write => write.ShownTo(visible)).ToList() ?? [];
        return new RoomApproval(record, moment, bytes)
        {
            MayNot = mayNot,
            ShownParams = record.Params ?? (seesParams ? record.Details.Asked?.Params : null),
            Writes = preview is null ? null : [.. shown.Where(static write => !write.IsClosed).Select(write => ApprovedWrite.Of(write, moment))],
            IsAsShown = isAsShown,
            Hidden = preview is null ? record.PrivateWrites : shown.Count(static write => write.IsClosed),
            WritesVersion = preview?.WritesVersion,
            Refusal = preview?.Refusal?.Name,
            Answer = isAsker && record.Details.Answer is { } answer && record.Seq is { } seq
                ? KeptAnswer.Restore(answer, new Model.Events.RoomEvent { Seq = seq, At = record.AskedAt, Kind = Model.Events.EventKind.Invoked }, visible)
                : null,
        };
    }

    private void WriteTo(Utf8JsonWriter writer, bool isCut)
    {
        writer.WriteStartObject();
        _record.WriteTo(writer, _moment, isCut ? null : ShownParams, isCut);
        if (isCut)
        {
            writer.WriteBoolean("cut"u8, value: true);
        }

        if (IsPending)
        {
            writer.WriteBoolean("to_decide"u8, IsToDecide);
        }

        if (Writes is not null || IsAsShown)
        {
            WritePreview(writer, isCut);
        }

        if (Answer is { } answer && !isCut)
        {
            writer.WritePropertyName("answer"u8);
            answer.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private void WritePreview(Utf8JsonWriter writer, bool isCut)
    {
        writer.WriteStartObject("preview"u8);
        if (Writes is { } writes)
        {
            writer.WriteStartArray("writes"u8);
            foreach (var write in writes)
            {
                write.WriteTo(writer, isCut);
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WritePropertyName("writes"u8);
            (isCut ? s_none : _record.Writes).WriteTo(writer);
        }

        if (Hidden > 0)
        {
            writer.WriteNumber("private_writes"u8, Hidden);
        }

        if (WritesVersion is not null)
        {
            writer.WriteString("writes_version"u8, WritesVersion);
        }

        if (Refusal is not null)
        {
            writer.WriteString("refused"u8, Refusal);
        }

        writer.WriteEndObject();
    }
}
