using System.Text.Json;
using System.Text.Json.Nodes;
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

    /// <summary>
    /// Writes the members <c>agents, roles?, role_holders?, _session?</c> of an object that is open, of about so many characters: what does not fit is counted as <c>more_agents</c> and
    /// the like, and the room's context has it.
    /// </summary>
    public void WriteMembers(Utf8JsonWriter writer, int length)
    {
        // The session first, in what it takes of the space: it says as whom the reader acts.
        var session = _session?.ToNode() as JsonObject;
        session?.Remove("room");
        session?.Remove("switchable");
        var left = length - (session?.ToJsonString().Length ?? 0);
        left -= Write(writer, "agents", Brief(_agents), left * 2 / 3);
        left -= Write(writer, "roles", _roles?.ToNode() as JsonObject, left / 2);
        Write(writer, "role_holders", _holders?.ToNode() as JsonObject, left);
        if (session is not null)
        {
            writer.WritePropertyName("_session"u8);
            session.WriteTo(writer);
        }
    }

    // Who is there, as what, and whether they are up to something; the rest is for who goes in.
    private static JsonObject? Brief(JsonText agents)
    {
        var all = agents.ToNode() as JsonObject;
        foreach (var (id, agent) in all ?? [])
        {
            if (agent is JsonObject members)
            {
                foreach (var name in members.Where(member => !IsBrief(id, member.Key, member.Value)).Select(static member => member.Key).ToList())
                {
                    members.Remove(name);
                }
            }
        }

        return all;
    }

    private static bool IsBrief(string id, string name, JsonNode? value) => name switch
    {
        "role" or "status" => true,
        "name" => value?.ToString() != id,
        "_current" => value?.GetValueKind() == JsonValueKind.True,
        _ => false,
    };

    // How many characters it took.
    private static int Write(Utf8JsonWriter writer, string name, JsonObject? members, int length)
    {
        if (members is null)
        {
            return 0;
        }

        var taken = name.Length + 5;
        var shown = 0;
        writer.WriteStartObject(name);
        foreach (var (key, member) in members)
        {
            var size = key.Length + (member?.ToJsonString().Length ?? 4) + 4;
            if (shown > 0 && taken + size > length)
            {
                break;
            }

            taken += size;
            shown++;
            writer.WritePropertyName(key);
            if (member is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
        if (shown < members.Count)
        {
            writer.WriteNumber($"more_{name}", members.Count - shown);
        }

        return taken;
    }
}
