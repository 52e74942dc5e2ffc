using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Model.Help;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>
/// Which actions name which <c>scope:key</c> in their write templates, and which of them are in each other's way. Two are not where their modes combine (<see cref="WriteFootprint"/>) or one names
/// the other in <c>shares</c>. Immutable; kept up by registration, so conflicts cost nothing to find.
/// </summary>
internal sealed class WriteTargets
{
    private readonly ImmutableDictionary<string, ImmutableSortedDictionary<string, Writer>> _writers;
    private readonly ImmutableSortedSet<string> _contested;
    private ViewValue? _value;

    private WriteTargets(ImmutableDictionary<string, ImmutableSortedDictionary<string, Writer>> writers, ImmutableSortedSet<string> contested)
    {
        _writers = writers;
        _contested = contested;
    }

    public static WriteTargets Empty { get; } = new(
        ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, Writer>>(StringComparer.Ordinal),
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    public bool HasContested => !_contested.IsEmpty;

    /// <summary>Targets in which actions are in each other's way.</summary>
    public ImmutableSortedSet<string> ContestedTargets => _contested;

    /// <summary>Whether there are others beside these.</summary>
    public bool HasContestedBeside(ImmutableSortedSet<string> known) => !ReferenceEquals(known, _contested) && !_contested.IsSubsetOf(known);

    /// <summary>Targets in which actions are in each other's way, in order, with these actions.</summary>
    public IEnumerable<(string Target, ImmutableSortedSet<string> Actions)> Contested => _contested.Select(target => (target, RivalsAt(target)));

    /// <summary>The synthetic view: a map from target to action ids.</summary>
    public ViewValue ContestedValue => _value ??= ViewValue.Of(CelValue.ParseJson(JsonText.Write(this, static (writer, targets) =>
    {
        writer.WriteStartObject();
        foreach (var (target, actions) in targets.Contested)
        {
            writer.WritePropertyName(target);
            WriteIds(writer, actions);
        }

        writer.WriteEndObject();
    }).Span), []);

    public WriteTargets Replace(string action, ActionDefinition? before, ActionDefinition? after)
    {
        var writers = _writers;
        var contested = _contested;
        foreach (var (target, _) in Of(before))
        {
            Remove(action, target, ref writers, ref contested);
        }

        foreach (var (target, footprint) in Of(after))
        {
            Add(action, target, new Writer(footprint, SharesOf(after!), Rivals: 0), ref writers, ref contested); // It has writes.
        }

        return ReferenceEquals(writers, _writers) ? this : new(writers, contested);
    }

    /// <summary>The contested targets an action takes part in, with the actions that it is in the way of.</summary>
    public ImmutableArray<(string Target, ImmutableSortedSet<string> Actions)> ContestedBy(string action) =>
        [.. Contested.Where(contested => contested.Actions.Contains(action)).Select(contested => (contested.Target, RivalsOf(action, contested.Target).Add(action)))];

    public static void WriteIds(Utf8JsonWriter writer, IEnumerable<string> ids)
    {
        writer.WriteStartArray();
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private ImmutableSortedSet<string> RivalsAt(string target) => [.. _writers[target].Where(static writer => writer.Value.Rivals > 0).Select(static writer => writer.Key)];

    private ImmutableSortedSet<string> RivalsOf(string action, string target)
    {
        var own = _writers[target][action];
        return [.. _writers[target].Where(other => other.Key != action && AreRivals(action, own, other.Key, other.Value)).Select(static other => other.Key)];
    }

    private static void Add(
        string action, string target, Writer writer, ref ImmutableDictionary<string, ImmutableSortedDictionary<string, Writer>> writers, ref ImmutableSortedSet<string> contested)
    {
        var here = (writers.GetValueOrDefault(target) ?? ImmutableSortedDictionary.Create<string, Writer>(StringComparer.Ordinal)).ToBuilder();
        Count(here, action, ref writer, change: 1);
        here[action] = writer;
        writers = writers.SetItem(target, here.ToImmutable());
        contested = writer.Rivals > 0 ? contested.Add(target) : contested;
    }

    private static void Remove(
        string action, string target, ref ImmutableDictionary<string, ImmutableSortedDictionary<string, Writer>> writers, ref ImmutableSortedSet<string> contested)
    {
        var here = writers[target].ToBuilder();
        var writer = here[action];
        here.Remove(action);
        Count(here, action, ref writer, change: -1);
        writers = here.Count == 0 ? writers.Remove(target) : writers.SetItem(target, here.ToImmutable());
        contested = here.Values.Any(static left => left.Rivals > 0) ? contested : contested.Remove(target);
    }

    // Kept as a number for each, so that a registration compares one action with the others and not all with all.
    private static void Count(ImmutableSortedDictionary<string, Writer>.Builder others, string action, ref Writer writer, int change)
    {
        foreach (var (id, other) in others.ToArray())
        {
            if (AreRivals(action, writer, id, other))
            {
                others[id] = other with { Rivals = other.Rivals + change };
                writer = writer with { Rivals = writer.Rivals + change };
            }
        }
    }

    private static bool AreRivals(string left, in Writer first, string right, in Writer second) =>
        !first.Footprint.CombinesWith(second.Footprint) && !first.Shares.Contains(right) && !second.Shares.Contains(left);

    // A text of the library that was registered before its actions named each other shares what it shares today: by its id and where it writes.
    private static ImmutableHashSet<string> SharesOf(ActionDefinition definition) => definition.Shares ?? StandardLibrary.SharesOf(definition.Id, definition.Writes);

    private static IEnumerable<(string Target, WriteFootprint Footprint)> Of(ActionDefinition? definition) =>
        definition is null ? [] : definition.Writes.Where(static write => write.Target is not null).GroupBy(static write => write.Target!, StringComparer.Ordinal) // Filtered before.
            .Select(static writes => (writes.Key, WriteFootprint.Of(writes)));

    /// <summary>An action that writes to a target.</summary>
    /// <param name="Footprint">What it changes there.</param>
    /// <param name="Shares">The actions it is meant to share it with.</param>
    /// <param name="Rivals">With how many of the others it is in each other's way.</param>
    private readonly record struct Writer(WriteFootprint Footprint, ImmutableHashSet<string> Shares, int Rivals);
}
