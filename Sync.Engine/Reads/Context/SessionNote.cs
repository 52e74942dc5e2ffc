using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Reads.Context;

/// <summary>What a context says of the client session it is read in: <c>_session</c>, and on agents <c>_current</c> and <c>_switchable</c>.</summary>
internal sealed class SessionNote(AuthorizedRoom authorized)
{
    private readonly SessionRoom _sessionRoom = authorized.Caller.Session?.SessionIn(authorized.Record.Id) ?? SessionRoom.Free;

    /// <summary>How much a session may do, in its own words.</summary>
    public static string Level(AccessLevel level, SessionRoom sessionRoom) => level switch
    {
        AccessLevel.None => "none",
        AccessLevel.Read => "observe",
        _ when sessionRoom.Role is not null => "role",
        AccessLevel.Write => "write",
        _ => "admin",
    };

    /// <summary>Whether an agent is the caller's own. Full access may embody others too, but they are not offered.</summary>
    public static bool IsOwn(RoomCaller authorized, AgentRecord agent) => authorized.Access.BoundAgent is { } bound
        ? agent.Id == bound
        : agent.User == authorized.User?.Id && (agent.User is not null || authorized.Access.Level == AccessLevel.Admin);

    public void Write(Utf8JsonWriter writer, ContextSource source)
    {
        writer.WritePropertyName("_session"u8);
        WriteValue(writer, source);
    }

    public void WriteValue(Utf8JsonWriter writer, ContextSource source)
    {
        writer.WriteStartObject();
        writer.WriteString("agent"u8, source.Self);
        writer.WriteString("room"u8, authorized.Record.Id);
        writer.WriteStartArray("switchable"u8);
        foreach (var agent in source.Moment.State.Agents.Values)
        {
            if (IsSwitchable(source, agent))
            {
                writer.WriteStringValue(agent.Id);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("scope_level"u8, Level(authorized.Access.Level, _sessionRoom));
        if (_sessionRoom.Role is not null)
        {
            writer.WriteString("role"u8, _sessionRoom.Role);
        }

        if (_sessionRoom.Lost is not null)
        {
            writer.WriteString("taken_over"u8, _sessionRoom.Lost);
        }

        writer.WriteEndObject();
    }

    public void WriteMarks(Utf8JsonWriter writer, ContextSource source, AgentRecord agent)
    {
        writer.WriteBoolean("_current"u8, agent.Id == source.Self);
        writer.WriteBoolean("_switchable"u8, IsSwitchable(source, agent));
    }

    private bool IsSwitchable(ContextSource source, AgentRecord agent) =>
        authorized.Access.Level >= AccessLevel.Write
        && agent.Id != source.Self
        && (_sessionRoom.Role is null || agent.Role == _sessionRoom.Role)
        && IsOwn(authorized, agent);
}
