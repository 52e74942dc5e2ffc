using System.Collections.Immutable;
using System.Text;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Help;

/// <summary>
/// A help text of the system. Its calls are marked in the source, <c>⟦wait {"condition": "messages.unread &gt; 0"}⟧</c>, and said in the words of the surface that shows it. The
/// version is that of the source, so that a text has one version, whoever reads it: it is the proof of read that an override needs.
/// </summary>
internal sealed class HelpText
{
    private const char Opens = '⟦';
    private const char Closes = '⟧';

    private readonly JsonText? _list;
    private readonly ImmutableArray<(string Text, NextStep? Step)> _parts;

    private HelpText(JsonText? list, ImmutableArray<(string Text, NextStep? Step)> parts, string version)
    {
        _list = list;
        _parts = parts;
        Version = version;
    }

    /// <summary>The version of the source.</summary>
    public string Version { get; }

    /// <summary>The calls in the text.</summary>
    public IEnumerable<NextStep> Calls => _parts.Select(static part => part.Step).OfType<NextStep>();

    /// <summary>A text that is data and names no call.</summary>
    public static HelpText Of(JsonText list) => new(list, [], CanonicalJson.Version(list));

    /// <summary>Reads a source.</summary>
    /// <exception cref="FormatException">A mark is not closed, or names no step.</exception>
    public static HelpText Parse(string source)
    {
        var parts = ImmutableArray.CreateBuilder<(string, NextStep?)>();
        var from = 0;
        while (source.IndexOf(Opens, from) is var begin and >= 0)
        {
            var end = source.IndexOf(Closes, begin);
            if (end < 0)
            {
                throw new FormatException($"A call is not closed: {source.AsSpan(begin, Math.Min(60, source.Length - begin))}");
            }

            parts.Add((source[from..begin], NextStep.Parse(source[(begin + 1)..end])));
            from = end + 1;
        }

        parts.Add((source[from..], null));
        return new HelpText(list: null, parts.ToImmutable(), CanonicalJson.Version(JsonText.Of(source)));
    }

    /// <summary>The text for a reader: a JSON string, or a list for the standard library.</summary>
    /// <param name="steps">The surface that shows it.</param>
    /// <param name="room">The room it is read in, or null.</param>
    public JsonText For(IStepRenderer steps, string? room)
    {
        if (_list is { } list)
        {
            return list;
        }

        var text = new StringBuilder();
        foreach (var (words, step) in _parts)
        {
            text.Append(words);
            if (step is not null)
            {
                text.Append(steps.Call(step.InRoom(room)));
            }
        }

        return JsonText.Of(text.ToString());
    }
}
