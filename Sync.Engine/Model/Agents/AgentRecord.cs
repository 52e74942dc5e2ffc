using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Agents;

/// <summary>An agent as the log knows it: the value of its entry in <c>_agents</c>. Presence is kept apart.</summary>
internal sealed record AgentRecord
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    /// <summary>Id of the user it is linked to, or null when it joined without one.</summary>
    public string? User { get; init; }

    public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>The event in which it came to be: what was registered under its id before was registered by another. Null in logs from before this was kept.</summary>
    public long? JoinedSeq { get; init; }

    /// <summary>Which of the agents that bore the id it is: <see cref="JoinedSeq"/>, or 0 where the log does not say.</summary>
    public long Since => JoinedSeq ?? 0;

    /// <summary>Whether the open policy let it in without a user's token: it shares the part of the room's bounds that is left to such.</summary>
    public bool IsGuest { get; init; }

    /// <summary>Agents that may read and write this agent's private scope.</summary>
    public ImmutableArray<string> Grants { get; init; } = [];

    /// <summary>Agents whose actions may publish what this agent keeps private without asking it each time.</summary>
    public ImmutableArray<string> Trusts { get; init; } = [];

    public JsonText? Meta { get; init; }

    /// <summary>What its tokens are bound to.</summary>
    public AgentBinding Binding => new(Id, Since);

    /// <summary>The entry it stands in; carries timer and <c>enabled</c>.</summary>
    public Entry? Entry { get; init; }

    public JsonText ToJson() => JsonText.Write(this, static (writer, agent) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, agent.Name);
        writer.WriteString("role"u8, agent.Role);
        if (agent.User is not null)
        {
            writer.WriteString("user"u8, agent.User);
        }

        writer.WriteString("joined_at"u8, agent.JoinedAt.UtcDateTime);
        if (agent.JoinedSeq is { } seq)
        {
            writer.WriteNumber("joined_seq"u8, seq);
        }

        if (agent.User is null)
        {
            writer.WriteBoolean("guest"u8, agent.IsGuest);
        }

        if (!agent.Grants.IsEmpty)
        {
            WriteIds(writer, "grants"u8, agent.Grants);
        }

        if (!agent.Trusts.IsEmpty)
        {
            WriteIds(writer, "trusts"u8, agent.Trusts);
        }

        if (agent.Meta is { } meta)
        {
            writer.WritePropertyName("meta"u8);
            meta.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    public static AgentRecord Read(Entry entry)
    {
        using var document = entry.Value.Parse();
        var root = document.RootElement;
        return new AgentRecord
        {
            Id = entry.Key,
            Name = root.GetProperty("name"u8).GetString()!,
            Role = root.GetProperty("role"u8).GetString()!,
            User = root.TryGetProperty("user"u8, out var user) ? user.GetString() : null,
            JoinedAt = root.GetProperty("joined_at"u8).GetDateTimeOffset(),
            JoinedSeq = root.TryGetProperty("joined_seq"u8, out var seq) ? seq.GetInt64() : null,
            Grants = ReadIds(root, "grants"u8),
            Trusts = ReadIds(root, "trusts"u8),

            // A log that does not say who let an agent in says no owner did.
            IsGuest = !root.TryGetProperty("user"u8, out _) && (!root.TryGetProperty("guest"u8, out var guest) || guest.GetBoolean()),
            Meta = root.TryGetProperty("meta"u8, out var meta) ? JsonText.Of(meta) : null,
            Entry = entry,
        };
    }

    public static void WriteIds(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<string> ids)
    {
        writer.WriteStartArray(name);
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static ImmutableArray<string> ReadIds(JsonElement root, ReadOnlySpan<byte> name) =>
        root.TryGetProperty(name, out var ids) ? [.. ids.EnumerateArray().Select(static id => id.GetString()!)] : [];
}
