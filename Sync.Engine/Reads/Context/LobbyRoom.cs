using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>What a lobby says of a room: who is there, which roles are declared and held, and the session's own standing. Fragments of its context.</summary>
public sealed class LobbyRoom
{
    private readonly JsonText _agents;
    private readonly JsonText? _roles;
    private readonly JsonText? _holders;
    private readonly JsonText? _session;

    internal LobbyRoom(JsonText agents, JsonText? roles, JsonText? holders, JsonText? session)
    {
        _agents = agents;
        _roles = roles;
        _holders = holders;
        _session = session;
    }

    /// <summary>Writes the members <c>agents, roles?, role_holders?, _session?</c> of an object that is open.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        Write(writer, "agents"u8, _agents);
        Write(writer, "roles"u8, _roles);
        Write(writer, "role_holders"u8, _holders);
        Write(writer, "_session"u8, _session);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonText? fragment)
    {
        if (fragment is { } json)
        {
            writer.WritePropertyName(name);
            json.WriteTo(writer);
        }
    }
}
