using System.Text.Json;
using Sync.Engine.Agents;
using Sync.Engine.Context;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>What a context says of the client session it is read in: <c>_session</c>, and on agents <c>_current</c> and <c>_switchable</c>.</summary>
internal sealed class SessionNote(Entrance entrance)
{
    private readonly Seat _seat = entrance.Caller.Session?.SeatIn(entrance.Record.Id) ?? Seat.Free;

    /// <summary>How much a session may do, in its own words.</summary>
    public static string Level(AccessLevel level, Seat seat) => level switch
    {
        AccessLevel.None => "none",
        AccessLevel.Read => "observe",
        _ when seat.Role is not null => "role",
        AccessLevel.Write => "write",
        _ => "admin",
    };

    /// <summary>Whether an agent is the caller's own. Full access may embody others too, but they are not offered.</summary>
    public static bool IsOwn(Entrance entrance, AgentRecord agent) => entrance.Access.BoundAgent is { } bound
        ? agent.Id == bound
        : agent.User == entrance.User?.Id && (agent.User is not null || entrance.Access.Level == AccessLevel.Admin);

    public void Write(Utf8JsonWriter writer, ContextSource source)
    {
        writer.WritePropertyName("_session"u8);
        WriteValue(writer, source);
    }

    public void WriteValue(Utf8JsonWriter writer, ContextSource source)
    {
        writer.WriteStartObject();
        writer.WriteString("agent"u8, source.Self);
        writer.WriteString("room"u8, entrance.Record.Id);
        writer.WriteStartArray("switchable"u8);
        foreach (var agent in source.Moment.State.Agents.Values)
        {
            if (IsSwitchable(source, agent))
            {
                writer.WriteStringValue(agent.Id);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("scope_level"u8, Level(entrance.Access.Level, _seat));
        if (_seat.Role is not null)
        {
            writer.WriteString("role"u8, _seat.Role);
        }

        writer.WriteEndObject();
    }

    public void WriteMarks(Utf8JsonWriter writer, ContextSource source, AgentRecord agent)
    {
        writer.WriteBoolean("_current"u8, agent.Id == source.Self);
        writer.WriteBoolean("_switchable"u8, IsSwitchable(source, agent));
    }

    private bool IsSwitchable(ContextSource source, AgentRecord agent) =>
        entrance.Access.Level >= AccessLevel.Write
        && agent.Id != source.Self
        && (_seat.Role is null || agent.Role == _seat.Role)
        && (IsOwn(entrance, agent)
            || (agent.ForRole && entrance.Access.BoundAgent is null && AgentPresence.StatusOf(source.Moment.Presence.Of(agent.Id), source.Moment.Now) == "idle"));
}
