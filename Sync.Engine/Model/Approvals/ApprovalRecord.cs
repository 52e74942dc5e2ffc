using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Approvals;

/// <summary>
/// One approval as everybody in the room may read it, from its entry of <c>_approvals</c>. Nothing in it comes from a private scope: what does stands in <see cref="ApprovalDetails"/>. Immutable.
/// </summary>
internal sealed record ApprovalRecord
{
    private static readonly JsonText s_none = JsonText.Trusted("[]"u8.ToArray());

    /// <summary>The event that asked.</summary>
    public required long Number { get; init; }

    public required string Status { get; init; }

    /// <summary>What is to be invoked.</summary>
    public required string Action { get; init; }

    /// <summary>The version of the definition that was shown; null for a built-in action.</summary>
    public string? ActionVersion { get; init; }

    /// <summary>Who invoked it; null for full access that named nobody.</summary>
    public string? Agent { get; init; }

    /// <summary>When, by the room's clock.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When it expires, in the time that stands still while the room is paused.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>What has to be met, each of them, by one who decides or by several.</summary>
    public required ImmutableArray<ApprovalRule> Rules { get; init; }

    /// <summary>Those of the rules that are met while others are still asked.</summary>
    public ImmutableArray<Acceptance> Acceptances { get; init; } = [];

    /// <summary>The rules that nobody has met yet.</summary>
    public IEnumerable<ApprovalRule> Needs => Rules.Where(rule => !Acceptances.Any(acceptance => acceptance.Rule == rule.Key));

    /// <summary>The parameters, where everybody may read them.</summary>
    public JsonText? Params { get; init; }

    /// <summary>What it would write, as everybody may read it.</summary>
    public JsonText Writes { get; init; } = s_none;

    /// <summary>How many of its writes go to private scopes.</summary>
    public int PrivateWrites { get; init; }

    /// <summary>Who decided; null where nobody did.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Whether a person decided in a signed-in browser.</summary>
    public bool ByPerson { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Note { get; init; }

    /// <summary>The event of the decision; null while it is pending, and where it ended with its agent.</summary>
    public long? Seq { get; init; }

    /// <summary>Whether it was accepted with other parameters.</summary>
    public bool Edited { get; init; }

    public string Id => ApprovalId.Of(Number);

    public bool IsPending => Status == ApprovalStatus.Pending;

    /// <summary>The rest of it.</summary>
    public required ApprovalDetails Details { get; init; }

    /// <summary>The condition that holds once it is decided.</summary>
    public string Awaited => $"approvals[\"{Id}\"].status != \"{ApprovalStatus.Pending}\"";

    /// <summary>Writes the entry.</summary>
    public JsonText ToEntry() => JsonText.Write(this, static (writer, record) =>
    {
        writer.WriteStartObject();
        record.WriteHead(writer);
        writer.WriteString("asked_at"u8, record.AskedAt.UtcDateTime);
        writer.WriteString("expires"u8, record.Expires.UtcDateTime);
        record.WriteRest(writer, record.Params, isCut: false);
        writer.WriteEndObject();
    });

    /// <summary>Writes it for readers.</summary>
    /// <param name="writer">Where to, inside an object.</param>
    /// <param name="moment">The room.</param>
    /// <param name="parameters">The parameters, where the reader may see them.</param>
    /// <param name="isCut">Whether the writes are left out.</param>
    public void WriteTo(Utf8JsonWriter writer, Moment moment, JsonText? parameters, bool isCut)
    {
        writer.WriteString("approval"u8, Id);
        WriteHead(writer);
        writer.WriteString("asked_at"u8, AskedAt.UtcDateTime);
        if (ExpiresAt(moment) is { } at)
        {
            writer.WriteString("expires_at"u8, at.UtcDateTime);
        }

        WriteRest(writer, parameters, isCut);
    }

    /// <summary>The moment of the room's clock at which it expires; null while that cannot be told, and once it is decided.</summary>
    public DateTimeOffset? ExpiresAt(Moment moment) => IsPending ? moment.State.Running.RoomTimeOf(Expires) : null;

    /// <summary>Reads an entry; null for one that is none of the engine's: in a room of before, anything may stand there.</summary>
    public static ApprovalRecord? Read(Entry entry, Entry details)
    {
        if (ApprovalId.Parse(entry.Key) is not { } number || entry.Value.Kind != JsonValueKind.Object || details.Value.Kind != JsonValueKind.Object)
        {
            return null;
        }

        using var document = entry.Value.Parse();
        var root = document.RootElement;
        if (Text(root, "status"u8) is not { } status || !ApprovalStatus.IsKnown(status) || Text(root, "action"u8) is not { } action
            || Time(root, "asked_at"u8) is not { } askedAt || Time(root, "expires"u8) is not { } expires
            || !root.TryGetProperty("approve"u8, out var rules) || rules.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var parsed = ImmutableArray.CreateBuilder<ApprovalRule>();
        foreach (var rule in rules.EnumerateArray())
        {
            if (!ApprovalRule.ReadKept(rule).Try(out var read, out _))
            {
                return null;
            }

            parsed.Add(read);
        }

        return new ApprovalRecord
        {
            Number = number,
            Status = status,
            Action = action,
            ActionVersion = Text(root, "action_version"u8),
            Agent = Text(root, "agent"u8),
            AskedAt = askedAt,
            Expires = expires,
            Rules = parsed.ToImmutable(),
            Acceptances = root.TryGetProperty("accepted"u8, out var accepted) && accepted.ValueKind == JsonValueKind.Array ? [.. accepted.EnumerateArray().Select(ReadAcceptance).OfType<Acceptance>()] : [],
            Params = root.TryGetProperty("params"u8, out var parameters) ? JsonText.Of(parameters) : null,
            Writes = root.TryGetProperty("writes"u8, out var writes) ? JsonText.Of(writes) : s_none,
            PrivateWrites = root.TryGetProperty("private_writes"u8, out var hidden) && hidden.TryGetInt32(out var count) ? count : 0,
            DecidedBy = Text(root, "decided_by"u8),
            ByPerson = root.TryGetProperty("person"u8, out _),
            DecidedAt = Time(root, "decided_at"u8),
            Note = Text(root, "note"u8),
            Seq = root.TryGetProperty("seq"u8, out var seq) && seq.TryGetInt64(out var decided) ? decided : null,
            Edited = root.TryGetProperty("edited"u8, out _),
            Details = new ApprovalDetails(details.Value),
        };
    }

    private void WriteHead(Utf8JsonWriter writer)
    {
        writer.WriteString("status"u8, Status);
        writer.WriteString("action"u8, Action);
        if (ActionVersion is not null)
        {
            writer.WriteString("action_version"u8, ActionVersion);
        }

        writer.WriteString("agent"u8, Agent);
        writer.WriteStartArray("approve"u8);
        foreach (var rule in Rules)
        {
            rule.WriteTo(writer);
        }

        writer.WriteEndArray();
        WriteAcceptances(writer);
    }

    /// <summary>Writes what is accepted already, and what is still needed; nothing where one decision is all it takes.</summary>
    public void WriteAcceptances(Utf8JsonWriter writer)
    {
        if (Acceptances.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("accepted"u8);
        foreach (var acceptance in Acceptances)
        {
            writer.WriteStartObject();
            writer.WriteString("rule"u8, acceptance.Rule);
            writer.WriteString("by"u8, acceptance.By);
            if (acceptance.ByPerson)
            {
                writer.WriteBoolean("person"u8, value: true);
            }

            writer.WriteNumber("seq"u8, acceptance.Seq);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (IsPending)
        {
            writer.WriteStartArray("needs"u8);
            foreach (var rule in Needs)
            {
                rule.WriteTo(writer);
            }

            writer.WriteEndArray();
        }
    }

    private void WriteRest(Utf8JsonWriter writer, JsonText? parameters, bool isCut)
    {
        if (parameters is { } given)
        {
            writer.WritePropertyName("params"u8);
            given.WriteTo(writer);
        }

        writer.WritePropertyName("writes"u8);
        (isCut ? s_none : Writes).WriteTo(writer);
        if (PrivateWrites > 0)
        {
            writer.WriteNumber("private_writes"u8, PrivateWrites);
        }

        if (Seq is not { } seq)
        {
            return;
        }

        writer.WriteString("decided_by"u8, DecidedBy);
        if (ByPerson)
        {
            writer.WriteBoolean("person"u8, value: true);
        }

        if (DecidedAt is { } at)
        {
            writer.WriteString("decided_at"u8, at.UtcDateTime);
        }

        if (Note is not null)
        {
            writer.WriteString("note"u8, Note);
        }

        if (Edited)
        {
            writer.WriteBoolean("edited"u8, value: true);
        }

        writer.WriteNumber("seq"u8, seq);
    }

    private static Acceptance? ReadAcceptance(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && Text(json, "rule"u8) is { } rule && Text(json, "by"u8) is { } by && json.TryGetProperty("seq"u8, out var seq) && seq.TryGetInt64(out var number)
            ? new Acceptance(rule, by, json.TryGetProperty("person"u8, out _), number)
            : null;

    private static string? Text(JsonElement root, ReadOnlySpan<byte> name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement root, ReadOnlySpan<byte> name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time.ToUniversalTime() : null;
}

/// <summary>The ids of approvals: <c>a</c> and the number of the event that asked.</summary>
internal static class ApprovalId
{
    public static string Of(long number) => string.Create(CultureInfo.InvariantCulture, $"a{number}");

    /// <summary>The number in an id; null for what is no id of an approval.</summary>
    public static long? Parse(string id) =>
        id is ['a', >= '1' and <= '9', ..] && long.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
