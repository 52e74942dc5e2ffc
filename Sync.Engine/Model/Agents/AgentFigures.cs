using System.Text.Json;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Model.Agents;

/// <summary>An agent as readers see it: its record and its presence together.</summary>
internal static class AgentFigures
{
    private static readonly string[] s_fields = ["id", "name", "role", "status", "waiting_on", "last_heartbeat", "joined_at", "grants", "meta"];

    public static CelMap Map(AgentRecord agent, Moment moment, CelBudget budget)
    {
        var presence = moment.Presence.Of(agent.Id);
        return new LazyMap(() => s_fields, field => field switch
        {
            "id" => CelValue.Of(agent.Id),
            "name" => CelValue.Of(agent.Name),
            "role" => CelValue.Of(agent.Role),
            "status" => CelValue.Of(AgentPresence.StatusOf(presence, moment.Now).Word()),
            "waiting_on" => presence.WaitingOn is null ? CelValue.Null : CelValue.Of(presence.WaitingOn),
            "last_heartbeat" => presence.LastHeartbeat is { } at ? CelValue.Of(at) : CelValue.Null,
            "joined_at" => CelValue.Of(agent.JoinedAt),
            "grants" => agent.Entry is null ? CelValue.ParseJson("[]"u8) : Stored(agent.Entry, field, budget),
            "meta" => agent.Meta is null || agent.Entry is null ? CelValue.Null : Stored(agent.Entry, field, budget),
            _ => null,
        });
    }

    // As it lies in the entry, which is converted once for all who read it.
    private static CelValue Stored(Entry entry, string field, CelBudget budget)
    {
        var record = entry.Read(budget);
        return record.IsError ? record : record.AsMap.TryGet(field, out var value) ? value : CelValue.Null;
    }

    /// <summary>Writes the agent's fields, without braces; <paramref name="full"/> adds what a lean context leaves out.</summary>
    public static void WriteFields(Utf8JsonWriter writer, AgentRecord agent, IPresence presence, DateTimeOffset now, bool full)
    {
        var here = presence.Of(agent.Id);
        writer.WriteString("name"u8, agent.Name);
        writer.WriteString("role"u8, agent.Role);
        writer.WriteString("status"u8, AgentPresence.StatusOf(here, now).Word());
        writer.WriteString("waiting_on"u8, here.WaitingOn);
        if (here.LastHeartbeat is { } at)
        {
            writer.WriteString("last_heartbeat"u8, at.UtcDateTime);
        }
        else
        {
            writer.WriteNull("last_heartbeat"u8);
        }

        if (full)
        {
            writer.WriteString("joined_at"u8, agent.JoinedAt.UtcDateTime);
            AgentRecord.WriteIds(writer, "grants"u8, agent.Grants);
            if (!agent.Trusts.IsEmpty)
            {
                AgentRecord.WriteIds(writer, "trusts"u8, agent.Trusts);
            }

            if (agent.Meta is { } meta)
            {
                writer.WritePropertyName("meta"u8);
                meta.WriteTo(writer);
            }

            if (agent.Entry?.Enabled is { } enabled)
            {
                writer.WriteString("enabled"u8, enabled.Source);
            }
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class AgentJson : System.Text.Json.Serialization.JsonSerializerContext;
