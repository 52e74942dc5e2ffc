using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>Notes of what was asked for by name and is not there, each with what may have been meant.</summary>
internal sealed partial class ContextWriter
{
    // What is asked for by name and is not there, or not for this reader. A page that goes on has said it before.
    private void NoteAbsent()
    {
        if (_source.Shape.After is not null || _source.Shape.Parts.IsEmpty)
        {
            return;
        }

        foreach (var (scope, isClosed) in _source.Selection.AbsentScopes)
        {
            NoteScope(scope, isClosed);
        }

        foreach (var (scope, asked) in _source.Selection.Of(ContextSection.State)?.Members ?? [])
        {
            NoteEntries(scope, asked);
        }

        NoteNames(ContextSection.Views, [.. State.Views.Values.Where(view => ViewValues.IsEnabled(_reader, view)).Select(static view => view.Id), .. State.Targets.HasContested ? (string[])[ReservedScopes.ContestedView] : []]);
        NoteNames(ContextSection.Agents, State.Agents.Values.Where(_reader.IsVisible).Select(static agent => agent.Id));
        NoteNames(ContextSection.Leases, LiveLeases.All(_source.Moment).Select(static lease => lease.Key));
        NoteNames(ContextSection.Actions, [.. State.Actions.Values.Where(static action => !action.IsShadowed).Select(static action => action.Id), .. BuiltInIds.All]);
    }

    private void NoteScope(string scope, bool isClosed)
    {
        var near = isClosed ? null : DidYouMean.Nearest(scope, State.ScopeNames.Where(name => _source.VisibleScopes.Sees(name) && !ReservedScopes.IsSection(name)));
        Note(near is null ? null : ContextPart.OfScope(near), ContextSection.State, ContextSection.State, scope, name: null, isClosed);
    }

    private void NoteEntries(string scope, SelectionNode asked)
    {
        var stored = scope == ReservedScopes.Self ? _source.Self : scope;
        if (stored is null || scope == ReservedScopes.Audit || _source.Selection.AbsentScopes.Any(absent => absent.Scope == scope))
        {
            return;
        }

        var cells = State.Scope(stored);
        if (cells is null && asked.IsWhole && scope is not (ReservedScopes.Shared or ReservedScopes.Self))
        {
            NoteScope(scope, isClosed: false);
        }

        foreach (var (key, members) in asked.Members)
        {
            if (cells?.Find(key) is not { } entry || !_reader.IsVisible(entry, stored))
            {
                var keys = cells?.Entries.Values.Where(one => _reader.IsVisible(one, stored)).Select(static one => one.Key) ?? [];
                var full = string.Join('.', members.Members.Select(static member => member.Key).Prepend(key).Take(2));
                var near = DidYouMean.Nearest(key, keys) ?? DidYouMean.Nearest(full, keys);
                Note(near is null ? null : ContextPart.Of(ContextSection.State, scope, near), ContextPart.OfScope(scope), ContextSection.State, scope, key, isClosed: false);
            }
            else if (!members.IsWhole)
            {
                NoteMembers(scope, key, members, entry);
            }
        }
    }

    private void NoteMembers(string scope, string key, SelectionNode members, Entry entry)
    {
        using var document = entry.Value.Parse();
        foreach (var (path, holder) in members.Missing(document.RootElement, [scope, key]))
        {
            var near = holder.ValueKind == JsonValueKind.Object ? DidYouMean.Nearest(path[^1], holder.EnumerateObject().Select(static member => member.Name)) : null;
            Note(
                near is null ? null : ContextPart.Of(ContextSection.State, [.. path[..^1], near]),
                ContextPart.Of(ContextSection.State, path[..^1]), ContextSection.State, scope, string.Join('.', path[1..]), isClosed: false);
        }
    }

    private void NoteNames(ContextSection section, IEnumerable<string> known)
    {
        if (_source.Selection.Of(section) is not { } asked)
        {
            return;
        }

        var names = known.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in asked.Members.Where(member => !names.Contains(member.Key)))
        {
            var near = DidYouMean.Nearest(name, names);
            Note(near is null ? null : ContextPart.Of(section, near), section, section, scope: null, name, isClosed: false);
        }
    }

    private void Note(ContextPart? meant, ContextPart around, ContextSection section, string? scope, string? name, bool isClosed) =>
        _cuts.AddAbsent(section.Name(), scope, name, isClosed, meant?.ToString(), QueryOf(meant ?? around, after: null));
}
