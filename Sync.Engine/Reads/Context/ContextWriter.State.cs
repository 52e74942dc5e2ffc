using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>Scopes and their entries: whole, in part, in pages.</summary>
internal sealed partial class ContextWriter
{
    private void WriteState(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        var sawShared = _source.Changed is not null || _source.Shape.IsPageOfScopes || _source.Selection.Of(ContextSection.State) is { } asked && (!asked.Has(ReservedScopes.Shared) || asked.Of(ReservedScopes.Shared) is not null);
        foreach (var (name, scope) in _shown.Scopes())
        {
            if (!sawShared && string.CompareOrdinal(name, ReservedScopes.Shared) >= 0)
            {
                if (name != ReservedScopes.Shared)
                {
                    WriteNone(writer, ReservedScopes.Shared);
                }

                sawShared = true;
            }

            WriteScope(writer, name, scope);
            _lastScope = _furtherScopes.Count == 0 && name != ReservedScopes.Self && !ReservedScopes.IsSection(name) ? name : _lastScope;
        }

        if (!sawShared)
        {
            WriteNone(writer, ReservedScopes.Shared);
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.Audit))
        {
            WriteAudit(writer);
        }

        writer.WriteEndObject();
        NoteCutScopes();
        _cuts.AddFurther(() => _source.Selection.Of(ContextSection.State) is { } named
            ? QueryOf(_furtherScopes.SelectMany(name => PartsOf(name, named.Of(name))), after: null)
            : QueryOf(ContextSection.State, _lastScope ?? ""));
    }

    private static void WriteNone(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteEndObject();
    }

    private void WriteScope(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        var asked = _shown.AskedOf(name);
        if (_source.Shape.Single == ContextSection.State && _isBounded)
        {
            WritePage(writer, name, scope);
            return;
        }

        var isWhole = asked is null && _source.Changed is null;
        if (isWhole && !_source.Shape.Meta && scope.Conditional == 0)
        {
            if (TakesScope(writer, name, scope, entries: null))
            {
                _hasState = true;
                writer.WritePropertyName(name);
                writer.WriteRawValue(scope.Json, skipInputValidation: true);
            }
            else
            {
                WriteSome(writer, name, scope, _shown.EntriesOf(name, scope));
            }

            return;
        }

        var entries = _shown.EntriesOf(name, scope);
        if (entries.Count == 0 && !isWhole)
        {
            return;
        }

        if (TakesScope(writer, name, scope, entries))
        {
            WriteEntries(writer, name, entries, asked);
        }
        else
        {
            WriteSome(writer, name, scope, entries);
        }
    }

    private bool TakesScope(Utf8JsonWriter writer, string name, ScopeState scope, List<Entry>? entries) =>
        _plan is { } plan ? plan.Keeps(ContextSection.State, name) : Takes(writer, _shown.LengthOf(name, scope, entries));

    private void WriteEntries(Utf8JsonWriter writer, string name, List<Entry> entries, SelectionNode? asked)
    {
        _hasState = true;
        writer.WriteStartObject(name);
        foreach (var entry in entries)
        {
            writer.WritePropertyName(entry.Key);
            WriteEntry(writer, entry, ShownParts.ValueOf(entry, asked));
        }

        writer.WriteEndObject();
    }

    private void WriteEntry(Utf8JsonWriter writer, Entry entry, JsonText value)
    {
        if (!_source.Shape.Meta)
        {
            value.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName("value"u8);
        value.WriteTo(writer);
        entry.WriteMeta(writer);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Of a scope that does not fit, what there is room for. Where entries are asked for by name, the first that fit. Otherwise scopes are cut whole; but within a budget those entries that
    /// matter to the reader stay.
    /// </summary>
    private void WriteSome(Utf8JsonWriter writer, string name, ScopeState scope, List<Entry> entries)
    {
        if (_plan is not { } plan)
        {
            return;
        }

        var asked = _shown.AskedOf(name);
        var some = asked is not null ? entries : _source.Shape.Budget is null || !_cuts.CanName ? [] : [.. entries
            .Select(entry => (Entry: entry, Salience: _salience!.Of(scope.Name, entry).Salience)) // A plan has it.
            .Where(static one => one.Salience != Salience.Quiet)
            .OrderByDescending(static one => one.Salience).ThenByDescending(static one => one.Entry.Seq)
            .Select(static one => one.Entry)];
        if (name == ReservedScopes.Shared && asked is null && _objective is { } objective)
        {
            // What the room is for comes before all else in it, and has its room kept.
            plan.Release(_objectiveBytes);
            some = [objective, .. some.Where(entry => entry.Key != objective.Key)];
        }

        var shown = some.Where(entry => plan.TryTake(_shown.LengthOf(entry.Key, ShownParts.ValueOf(entry, asked)))).OrderBy(static entry => entry.Key, KeyOrder.Instance).ToList();
        if (shown.Count > 0)
        {
            WriteEntries(writer, name, shown, asked);
        }

        if (shown.Count == entries.Count)
        {
            return;
        }

        if (asked is null)
        {
            var query = QueryOf(ContextPart.OfScope(name), after: null);
            if (shown.Count == 0)
            {
                CutWhole(name, entries.Count, query);
            }
            else if (!_cuts.CanName)
            {
                // The one part that is there whatever else can be named.
                _cuts.Add(ContextSection.State.Name(), shown.Count, entries.Count - shown.Count, query, name);
            }
            else
            {
                CutScope(name, shown.Count, entries.Count - shown.Count, query);
            }

            return;
        }

        // The first by itself where none fits: asked for alone it is a page, which has at least one part.
        var left = asked.Members.Where(member => entries.Exists(entry => entry.Key == member.Key) && !shown.Exists(entry => entry.Key == member.Key)).ToList();
        var alone = shown.Count == 0 ? 1 : left.Count;
        CutScope(name, shown.Count, alone, QueryOf(left.Take(alone).SelectMany(member => Ends(member.Value, [name, member.Key])), after: null));
        if (left.Count > alone)
        {
            CutScope(name, shown.Count, left.Count - alone, QueryOf(left.Skip(alone).SelectMany(member => Ends(member.Value, [name, member.Key])), after: null));
        }
    }

    // The one part that is asked for, as much of it as fits: the entries of a scope, or the members of a value. At least one, or nobody would get past it.
    private void WritePage(Utf8JsonWriter writer, string name, ScopeState scope)
    {
        if (_source.Selection.SinglePath is [_, var key, .. var below])
        {
            if (scope.Find(key) is { } entry && _shown.Shows(scope.Name, key) && _reader.IsVisible(entry, scope.Name))
            {
                WriteValuePage(writer, name, entry, [.. below]);
            }

            return;
        }

        writer.WriteStartObject(name);
        var page = new ContextPage(_source.Shape, KeyOrder.Instance);
        foreach (var entry in scope.Entries.Values)
        {
            if (page.IsBefore(entry.Key) || !_shown.Shows(scope.Name, entry.Key) || !_reader.IsVisible(entry, scope.Name))
            {
                continue;
            }

            if (page.Takes(entry.Key, entry.Value.Length, _longest, fits: Takes(writer, _shown.LengthOf(entry.Key, entry.Value)), () => CutLong(ContextPart.OfScope(name), entry.Key, entry.Value.Length, entry.Value.Kind)))
            {
                writer.WritePropertyName(entry.Key);
                WriteEntry(writer, entry, entry.Value);
            }
        }

        writer.WriteEndObject();
        if (page.Missing > 0)
        {
            CutScope(name, page.Shown, page.Missing, QueryOf(ContextPart.OfScope(name), page.Last));
        }
    }

    // Members come in the order of keys, so that a page goes on where the last one ended whatever was written meanwhile.
    private void WriteValuePage(Utf8JsonWriter writer, string scope, Entry entry, string[] below)
    {
        using var document = entry.Value.Parse();
        JsonElement? found = document.RootElement;
        foreach (var member in below)
        {
            found = found is { } at ? SelectionNode.Member(at, member) : null;
        }

        if (found is not { } value)
        {
            return;
        }

        var part = ContextPart.Of(ContextSection.State, [scope, entry.Key, .. below]);
        var fits = value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || (_source.Shape is { Limit: null, After: null } && Takes(writer, entry.Value.Length + (_source.Shape.Meta ? 300 : 4)));
        if (fits && JsonText.Of(value).Length is var length && length > _longest)
        {
            CutLong(ContextPart.Of(ContextSection.State, [scope, entry.Key, .. below[..^Math.Min(1, below.Length)]]) is { } holder && below.Length > 0 ? holder : ContextPart.OfScope(scope), below.Length > 0 ? below[^1] : entry.Key, length, value.ValueKind);
            return;
        }

        var page = new ContextPage(_source.Shape, KeyOrder.Instance);
        var json = fits ? JsonText.Of(value) : JsonText.Write((this, value, part, page), static (writer, t) => t.Item1.WriteMembers(writer, t.value, t.part, t.page));
        writer.WriteStartObject(scope);
        writer.WritePropertyName(entry.Key);
        WriteEntry(writer, entry, Nested(below, json));
        writer.WriteEndObject();
        if (page.Missing > 0)
        {
            _cuts.Add(ContextSection.State.Name(), page.Shown, page.Missing, QueryOf(part, page.Last), scope, string.Join('.', below.Prepend(entry.Key)));
        }
    }

    private void WriteMembers(Utf8JsonWriter writer, JsonElement value, ContextPart part, ContextPage page)
    {
        var isList = value.ValueKind == JsonValueKind.Array;
        var members = isList
            ? value.EnumerateArray().Select(static (item, index) => (Name: index.ToString(CultureInfo.InvariantCulture), Value: item))
            : value.EnumerateObject().Select(static member => (member.Name, member.Value)).OrderBy(static member => member.Name, KeyOrder.Instance);
        if (isList)
        {
            writer.WriteStartArray();
        }
        else
        {
            writer.WriteStartObject();
        }

        foreach (var member in members.Where(member => !page.IsBefore(member.Name)))
        {
            var json = page.Missing > 0 ? JsonText.Null : JsonText.Of(member.Value);
            if (page.Takes(member.Name, json.Length, _longest, fits: Takes(writer, json.Length + member.Name.Length + 300), () => CutLong(part, member.Name, json.Length, member.Value.ValueKind)))
            {
                if (!isList)
                {
                    writer.WritePropertyName(member.Name);
                }

                json.WriteTo(writer);
            }
        }

        if (isList)
        {
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteEndObject();
        }
    }

    private static JsonText Nested(string[] below, JsonText value) => below.Length == 0 ? value : JsonText.Write((below, value), static (writer, t) =>
    {
        foreach (var name in t.below)
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
        }

        t.value.WriteTo(writer);
        foreach (var _ in t.below)
        {
            writer.WriteEndObject();
        }
    });
}
