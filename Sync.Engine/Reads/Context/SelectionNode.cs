using System.Text.Json;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>What of a section, a scope or a value is asked for: all of it, or some of its members. Built by <see cref="ContextSelection"/>, and not changed afterwards.</summary>
internal sealed class SelectionNode
{
    // Null: all of it.
    private Dictionary<string, SelectionNode>? _members = [];

    /// <summary>Whether all of it is asked for.</summary>
    public bool IsWhole => _members is null;

    /// <summary>The members that are asked for, in the order in which they were; none where all are.</summary>
    public IEnumerable<KeyValuePair<string, SelectionNode>> Members => _members ?? [];

    /// <summary>Whether a member is asked for.</summary>
    public bool Has(string name) => _members is null || _members.ContainsKey(name);

    /// <summary>What is asked for of a member; null when it is all, or when it is not asked for.</summary>
    public SelectionNode? Of(string name) => _members?.GetValueOrDefault(name) is { IsWhole: false } member ? member : null;

    /// <summary>Asks for what is at the end of a path. Who asked for all of something has asked for its members.</summary>
    public void Add(ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            _members = null;
        }
        else if (_members is not null)
        {
            if (!_members.TryGetValue(path[0], out var member))
            {
                _members.Add(path[0], member = new SelectionNode());
            }

            member.Add(path[1..]);
        }
    }

    /// <summary>Writes what is asked for of a value: an object of the members, or of a list of the elements by index.</summary>
    public void Write(Utf8JsonWriter writer, JsonElement value)
    {
        if (_members is null)
        {
            value.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, member) in _members)
        {
            if (Member(value, name) is { } found && member.Finds(found))
            {
                writer.WritePropertyName(name);
                member.Write(writer, found);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Whether a value has anything of what is asked for.</summary>
    public bool Finds(JsonElement value) => _members is null || _members.Any(asked => Member(value, asked.Key) is { } found && asked.Value.Finds(found));

    /// <summary>The paths asked for that a value does not have, each with the value that should have had its last name.</summary>
    public IEnumerable<(string[] Path, JsonElement In)> Missing(JsonElement value, string[] before)
    {
        foreach (var (name, member) in Members)
        {
            if (Member(value, name) is not { } found)
            {
                yield return ([.. before, name], value);
                continue;
            }

            foreach (var missing in member.Missing(found, [.. before, name]))
            {
                yield return missing;
            }
        }
    }

    /// <summary>A member of an object, or an element of a list; null when there is none.</summary>
    public static JsonElement? Member(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty(name, out var member) => member,
        JsonValueKind.Array when KeyOrder.IsRow(name, out var index) && index < value.GetArrayLength() => value[(int)index],
        _ => null,
    };
}
