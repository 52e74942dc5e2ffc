using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Engine.Json;

/// <summary>What an answer leaves out because it would not fit, by name, each with the call that gets it. One answer, one thread.</summary>
/// <param name="steps">How the surface that asks says calls.</param>
internal sealed class Cuts(IStepRenderer steps)
{
    // Past that many the rest is counted: names must not fill what values were cut for.
    private const int Most = 20;

    private readonly List<JsonObject> _cuts = [];
    private int _further;

    /// <summary>Notes a cut.</summary>
    /// <param name="section">What was cut: <c>state</c>, <c>messages</c> …</param>
    /// <param name="scope">Which scope of the state, or null.</param>
    /// <param name="shown">How many parts of it are there.</param>
    /// <param name="missing">How many are not.</param>
    /// <param name="read">What gets it.</param>
    public void Add(string section, string? scope, long shown, long missing, NextStep read)
    {
        if (_cuts.Count == Most)
        {
            _further++;
            return;
        }

        var cut = new JsonObject { ["section"] = section };
        if (scope is not null)
        {
            cut["scope"] = scope;
        }

        cut["shown"] = shown;
        cut["missing"] = missing;
        cut["query"] = steps.Query(read);
        _cuts.Add(cut);
    }

    /// <summary>Notes a cut of a whole section.</summary>
    public void Add(string section, long shown, long missing, NextStep read) => Add(section, scope: null, shown, missing, read);

    /// <summary>As <c>elided</c>, if there is any.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (_cuts.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("elided"u8);
        foreach (var cut in _cuts)
        {
            cut.WriteTo(writer);
        }

        writer.WriteEndArray();
        if (_further > 0)
        {
            writer.WriteNumber("further_elided"u8, _further);
        }
    }
}
