using System.Collections.Immutable;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Pages;

/// <summary>The keys that a room's actions write and its views read. Immutable; the same object for as long as nothing is registered or deleted.</summary>
public sealed record RoomVocabulary
{
    /// <summary>That of an empty room.</summary>
    public static RoomVocabulary Empty { get; } = new() { Writes = [], Reads = [] };

    /// <summary>Each target of each action's write templates, by action.</summary>
    public required ImmutableArray<VocabularyWrite> Writes { get; init; }

    /// <summary>Each place of the state that a view reads, itself or through other views, by view.</summary>
    public required ImmutableArray<VocabularyRead> Reads { get; init; }

    /// <summary>What it was made of: the same objects, the same vocabulary.</summary>
    internal (object? Actions, object? Views) Source { get; init; }

    internal static RoomVocabulary Of(RoomState state, RoomVocabulary? before) =>
        before is not null && ReferenceEquals(before.Source.Actions, state.Actions) && ReferenceEquals(before.Source.Views, state.Views)
            ? before
            : new RoomVocabulary
            {
                Source = (state.Actions, state.Views),
                Writes = [.. state.Actions.Values.SelectMany(action => action.Definition.Writes.Select(write => Of(state, action, write)).Distinct())],
                Reads = [.. state.Views.Values.SelectMany(view => Followed(state, view).Select(read => new VocabularyRead(view.Id, Name(read.Scope), Name(read.Key))).Distinct())],
            };

    private static VocabularyWrite Of(RoomState state, ActionState action, WriteTemplate write) => new(
        action.Id,
        write.ScopeText,
        write.KeyText,
        write.Target is { } target && state.Targets.ContestedBy(action.Id).Any(contested => contested.Target == target));

    private static IEnumerable<ReadPath> Followed(RoomState state, ViewDefinition view)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { view.Id };
        var waiting = new Stack<ViewDefinition>([view]);
        while (waiting.TryPop(out var next))
        {
            foreach (var read in next.Expression.Reads)
            {
                if (read.Kind is ReadKind.Entry or ReadKind.Scope)
                {
                    yield return read;
                }
                else if (read is { Kind: ReadKind.View, Key: { } id } && seen.Add(id) && state.Views.TryGetValue(id, out var inner))
                {
                    waiting.Push(inner);
                }
            }
        }
    }

    private static string? Name(string? name) => name == ReadPath.SelfMark ? ReservedScopes.Self : name;
}

/// <summary>A target of an action.</summary>
/// <param name="Action">The action.</param>
/// <param name="Scope">The scope as its template has it.</param>
/// <param name="Key">The key as its template has it; null for rows appended to the scope.</param>
/// <param name="Contested">Whether another action names the same target.</param>
public sealed record VocabularyWrite(string Action, string Scope, string? Key, bool Contested);

/// <summary>A place a view reads.</summary>
/// <param name="View">The view.</param>
/// <param name="Scope">The scope.</param>
/// <param name="Key">The key; null is the whole scope.</param>
public sealed record VocabularyRead(string View, string? Scope, string? Key);
