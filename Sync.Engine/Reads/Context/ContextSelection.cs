using System.Collections.Immutable;
using Sync.Cel.Syntax;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// What <c>only</c> comes to in a room. A dotted path is read as expressions read it, scope, key, member; where the room has no such names but one with the dots in it, that one is meant.
/// Immutable.
/// </summary>
internal sealed class ContextSelection
{
    private readonly Dictionary<ContextSection, SelectionNode> _sections = [];
    private readonly List<(string Scope, bool IsClosed)> _absentScopes = [];

    private ContextSelection()
    {
    }

    /// <summary>Everything.</summary>
    public static ContextSelection All { get; } = new();

    /// <summary>Scopes that are asked for and are not there, or not for this reader to see.</summary>
    public IReadOnlyList<(string Scope, bool IsClosed)> AbsentScopes => _absentScopes;

    /// <summary>The one part that is asked for, by the names that it has in the room; null when there are several, or whole sections.</summary>
    public ImmutableArray<string>? SinglePath { get; private set; }

    /// <summary>What is asked for of a section; null when it is all of it.</summary>
    public SelectionNode? Of(ContextSection section) => _sections.GetValueOrDefault(section);

    /// <summary>Whether a part of a section is asked for: of the state a scope.</summary>
    public bool Has(ContextSection section, string name) => Of(section)?.Has(name) ?? true;

    /// <summary>Looks parts up in a room.</summary>
    /// <param name="parts">What is asked for.</param>
    /// <param name="state">The room as it is shown.</param>
    /// <param name="present">The room as it is now.</param>
    /// <param name="visible">What the reader may see.</param>
    /// <param name="self">The reader's agent.</param>
    /// <returns><c>invalid_parameter</c> for a scope that the room has not and that nothing in it can write, where one of a similar name is there.</returns>
    public static Outcome<ContextSelection> Resolve(ImmutableArray<ContextPart> parts, RoomState state, RoomState present, VisibleScopes visible, string? self)
    {
        if (parts.IsEmpty)
        {
            return All;
        }

        var selection = new ContextSelection();
        foreach (var part in parts)
        {
            string[] path;
            if (part.Section != ContextSection.State)
            {
                path = [NameOf(part, state)];
            }
            else if (!selection.PathInState(part, new Lookup(state, present, visible, self)).Try(out path!, out var error))
            {
                return error;
            }

            if (!selection._sections.TryGetValue(part.Section, out var node))
            {
                selection._sections.Add(part.Section, node = new SelectionNode());
            }

            node.Add(path);
            selection.SinglePath = parts.Length == 1 ? [.. path] : null;
        }

        return selection;
    }

    // A part of these sections is given whole, whatever of it is named.
    private static string NameOf(ContextPart part, RoomState state)
    {
        Func<string, bool> exists = part.Section switch
        {
            ContextSection.Views => state.Views.ContainsKey,
            ContextSection.Agents => state.Agents.ContainsKey,
            ContextSection.Leases => key => state.Leases.Find(key) is not null,
            _ => state.Actions.ContainsKey,
        };
        foreach (var (name, _) in Beginnings(part.Path))
        {
            if (exists(name))
            {
                return name;
            }
        }

        return part.Path[0].Text;
    }

    private Outcome<string[]> PathInState(ContextPart part, Lookup room)
    {
        string? known = null;
        ImmutableArray<PartName> below = [];
        foreach (var (scope, rest) in Beginnings(part.Path))
        {
            if (!room.Has(scope))
            {
                continue;
            }

            if (rest.IsEmpty && room.Sees(scope))
            {
                return (string[])[room.Shown(scope)];
            }

            (known, below) = known is null ? (scope, rest) : (known, below);
            foreach (var (key, members) in Beginnings(rest))
            {
                if (room.Sees(scope) && room.State.Find(room.Stored(scope), key) is not null)
                {
                    return (string[])[room.Shown(scope), key, .. members.Select(static member => member.Text)];
                }
            }
        }

        if (known is not null && room.Sees(known))
        {
            return (string[])[room.Shown(known), .. below.Select(static name => name.Text)];
        }

        var first = known ?? part.Path[0].Text;
        if (known is null && room.Misspelt(first) is { } near)
        {
            return new SyncError(ErrorCode.InvalidParameter, $"There is no scope '{Identifiers.Shown(first)}', and no action writes one of that name.")
            {
                Hint = $"Did you mean '{ContextPart.OfScope(near) with { Path = [new PartName(near, IsExact: true), .. part.Path.Skip(1)] }}'?",
                Help = "context_shaping",
            }.With("parameter", "only");
        }

        _absentScopes.Add((first, known is not null));
        return (string[])[first];
    }

    // The first names of a path as one, the longer the later, each with what is left.
    private static IEnumerable<(string Name, ImmutableArray<PartName> Below)> Beginnings(ImmutableArray<PartName> path)
    {
        for (var count = 1; count <= path.Length; count++)
        {
            yield return (string.Join('.', path.Take(count).Select(static name => name.Text)), path[count..]);
            if (path[count - 1].IsExact || (count < path.Length && path[count].IsExact))
            {
                yield break;
            }
        }
    }

    private readonly record struct Lookup(RoomState State, RoomState Present, VisibleScopes Visible, string? Self)
    {
        public bool Has(string scope) => (scope == ReservedScopes.Self && Self is not null) || scope is ReservedScopes.Shared or ReservedScopes.Config || ReservedScopes.IsSection(scope)
            || State.Scope(scope) is not null || Present.Scope(scope) is not null || Present.Agents.ContainsKey(scope);

        public bool Sees(string scope) => scope == ReservedScopes.Self || Visible.Sees(scope);

        public string Stored(string scope) => scope == ReservedScopes.Self ? Self ?? scope : scope;

        public string Shown(string scope) => scope == Self && !Visible.All ? ReservedScopes.Self : scope;

        public string? Misspelt(string scope)
        {
            if (PathCheck.IsWritten(Present, scope))
            {
                return null;
            }

            var visible = Visible;
            return DidYouMean.Nearest(scope, Present.ScopeNames.Where(name => visible.Sees(name) && !ReservedScopes.IsSection(name)).Concat([ReservedScopes.Shared, ReservedScopes.Self]));
        }
    }
}
