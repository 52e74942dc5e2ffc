using System.Globalization;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>Notes of what was left out, each with the query that gives it.</summary>
internal sealed partial class ContextWriter
{
    // Within a budget the scopes that are not there at all are one note, whose query names them. Where nothing of what was named had room, the first is by itself: asked for alone it is a page,
    // which has at least one part.
    private void NoteCutScopes()
    {
        var alone = !_hasState && _source.Shape.Parts.Length > 0 ? 1 : 0;
        foreach (var scopes in (List<(string Name, long Missing)>[])[_cutScopes[..Math.Min(alone, _cutScopes.Count)], _cutScopes[Math.Min(alone, _cutScopes.Count)..]])
        {
            if (scopes.Count > 0)
            {
                _cuts.AddScopes([.. scopes.Select(static scope => scope.Name)], scopes.Sum(static scope => scope.Missing), QueryOf(scopes.Select(static scope => ContextPart.OfScope(scope.Name)), after: null));
            }
        }
    }

    private static IEnumerable<ContextPart> Ends(SelectionNode asked, string[] path) =>
        asked.IsWhole ? [ContextPart.Of(ContextSection.State, path)] : asked.Members.SelectMany(member => Ends(member.Value, [.. path, member.Key]));

    // What the bound left out of a section. As long as everything fits nothing is cut here; but the log may have more than was read of it.
    private void CutSection(string section, long shown, long missing, NextStep query)
    {
        if (_isBounded || !_isOver)
        {
            _cuts.Add(section, shown, missing, query);
        }
    }

    private void CutScope(string name, long shown, long missing, NextStep query)
    {
        if (!_isBounded)
        {
            return;
        }

        if (ReservedScopes.IsSection(name))
        {
            _cuts.Add(ContextSection.State.Name(), shown, missing, query, name);
        }
        else if (!_cuts.TryName(name, shown, missing, query))
        {
            _furtherScopes.Add(name);
        }
    }

    // Of a scope nothing is there.
    private void CutWhole(string name, long missing, NextStep query)
    {
        if (_source.Shape.Budget is null || ReservedScopes.IsSection(name))
        {
            CutScope(name, shown: 0, missing, query);
            return;
        }

        var length = ContextPart.OfScope(name).ToString().Length + 1;
        if (_furtherScopes.Count == 0 && (_cutScopes.Count == 0 || length <= _namesLeft))
        {
            _namesLeft -= length;
            _cutScopes.Add((name, missing));
        }
        else
        {
            _cuts.CountFurther(missing);
            _furtherScopes.Add(name);
        }
    }

    // What is longer than an answer like this may be: its length is all that can be said of it here. It can be read by itself, or else by an expression that takes a piece of it.
    private bool CutLong(ContextPart part, string name, long bytes, JsonValueKind kind)
    {
        _isOver |= !_isBounded;
        if (!_isBounded)
        {
            return true;
        }

        var itself = ContextPart.Of(part.Section, [.. part.Path.Select(static one => one.Text), name]);
        var isContainer = part.Section == ContextSection.State && kind is JsonValueKind.Object or JsonValueKind.Array;
        var query = _source.Shape.Budget is not null || isContainer
            ? NextStep.ReadPart(_source.Room, itself, new("meta", _source.Shape.Meta ? true : null), new("include", _source.Shape.WithPrivate ? ContextExtraNames.Private : null), new("at", _source.Shape.At))
            : NextStep.Evaluate(_source.Room, PieceOf(itself, bytes, kind));
        return _cuts.TryNameLong(part.Section.Name(), part.Path is [{ } scope, ..] ? scope.Text : null, string.Join('.', part.Path.Skip(1).Select(static one => one.Text).Append(name)), bytes, query);
    }

    // A piece of a long value that fits everywhere, as an expression. A text has at least one character for eight bytes.
    private static string PieceOf(ContextPart part, long bytes, JsonValueKind kind)
    {
        var path = part.Section.Name() + string.Concat(part.Path.Select(static name => $"[{JsonText.Of(name.Text)}]"));
        return kind switch
        {
            JsonValueKind.String => string.Create(CultureInfo.InvariantCulture, $"{path}.substring(0, {Math.Min(MaxPiece, bytes / 8)})"),
            JsonValueKind.Array => $"{path}.slice(0, 1)",
            _ => $"{path}.keys()",
        };
    }
}
