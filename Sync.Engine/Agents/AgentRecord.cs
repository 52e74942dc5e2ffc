using System.Collections.Immutable;
using Sync.Engine.Json;
using Sync.Engine.Rooms;

namespace Sync.Engine.Agents;

/// <summary>An agent as the log knows it: the value of its entry in <c>_agents</c>. Presence is kept apart.</summary>
internal sealed record AgentRecord
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Role { get; init; }

    /// <summary>Id of the user it is linked to, or null when it joined without one.</summary>
    public string? User { get; init; }

    /// <summary>Whether it was made to fill its role; it then passes, with what it keeps, to whoever fills the role next.</summary>
    public bool ForRole { get; init; }

    public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>Agents that may read and write this agent's private scope.</summary>
    public ImmutableArray<string> Grants { get; init; } = [];

    public JsonText? Meta { get; init; }

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

        if (agent.ForRole)
        {
            writer.WriteBoolean("for_role"u8, value: true);
        }

        writer.WriteString("joined_at"u8, agent.JoinedAt.UtcDateTime);
        if (!agent.Grants.IsEmpty)
        {
            writer.WriteStartArray("grants"u8);
            foreach (var grant in agent.Grants)
            {
                writer.WriteStringValue(grant);
            }

            writer.WriteEndArray();
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
            ForRole = root.TryGetProperty("for_role"u8, out var forRole) && forRole.GetBoolean(),
            JoinedAt = root.GetProperty("joined_at"u8).GetDateTimeOffset(),
            Grants = root.TryGetProperty("grants"u8, out var grants) ? [.. grants.EnumerateArray().Select(g => g.GetString()!)] : [],
            Meta = root.TryGetProperty("meta"u8, out var meta) ? JsonText.Of(meta) : null,
            Entry = entry,
        };
    }
}
