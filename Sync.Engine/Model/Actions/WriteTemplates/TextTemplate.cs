using System.Collections.Immutable;
using System.Text;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>Text with placeholders. Expanded in one pass: inserted text is never looked at again.</summary>
internal sealed class TextTemplate
{
    private readonly ImmutableArray<(string? Literal, Placeholder? Placeholder)> _parts;

    private TextTemplate(string source, ImmutableArray<(string? Literal, Placeholder? Placeholder)> parts)
    {
        Source = source;
        _parts = parts;
    }

    public string Source { get; }

    /// <summary>The whole text when it holds no placeholder, else null.</summary>
    public string? Literal => _parts.Length == 0 ? "" : _parts is [{ Literal: { } text }] ? text : null;

    /// <summary>The placeholder when the text is exactly one, else null.</summary>
    public Placeholder? Single => _parts is [{ Placeholder: { } only }] ? only : null;

    /// <summary>Whether it has anything of its own beside placeholders.</summary>
    public bool HasText => _parts.Any(static part => part.Literal is not null);

    public IEnumerable<Placeholder> Placeholders => _parts.Where(p => p.Placeholder is not null).Select(p => p.Placeholder!);

    public static Outcome<TextTemplate> Parse(string source, IReadOnlyCollection<string> parameters, bool withKey = false)
    {
        var parts = ImmutableArray.CreateBuilder<(string?, Placeholder?)>();
        var at = 0;
        while (at < source.Length)
        {
            var start = source.IndexOf("${", at, StringComparison.Ordinal);
            var end = start < 0 ? -1 : source.IndexOf('}', start);
            if (start < 0 || end < 0)
            {
                if (start >= 0)
                {
                    return new SyncError(ErrorCode.InvalidTemplate, $"The placeholder in '{Identifiers.Shown(source)}' is not closed.") { Hint = "End it with '}'." };
                }

                parts.Add((source[at..], null));
                break;
            }

            if (start > at)
            {
                parts.Add((source[at..start], null));
            }

            if (!Placeholder.Parse(source[(start + 2)..end], parameters, withKey).Try(out var placeholder, out var error))
            {
                return error;
            }

            parts.Add((null, placeholder));
            at = end + 1;
        }

        return new TextTemplate(source, parts.ToImmutable());
    }

    /// <summary>Whether some parameters may make this text of it: one that has its own parts, in their order.</summary>
    public bool MayBecome(string text)
    {
        var at = 0;
        foreach (var literal in _parts.Select(static part => part.Literal).OfType<string>())
        {
            at = text.IndexOf(literal, at, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            at += literal.Length;
        }

        return true;
    }

    public string Expand(TemplateInputs inputs)
    {
        if (Literal is { } literal)
        {
            return literal;
        }

        if (Single is { } single)
        {
            return single.Text(inputs);
        }

        var text = new StringBuilder();
        foreach (var (part, placeholder) in _parts)
        {
            text.Append(part ?? placeholder!.Text(inputs));
        }

        return text.ToString();
    }
}
