using System.Collections.Immutable;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions;

/// <summary>Which actions name which <c>scope:key</c> in their write templates. Immutable; kept up by registration, so conflicts cost nothing to find.</summary>
internal sealed class WriteTargets
{
    private readonly ImmutableDictionary<string, ImmutableSortedSet<string>> _actions;
    private readonly ImmutableSortedSet<string> _contested;
    private ViewValue? _value;

    private WriteTargets(ImmutableDictionary<string, ImmutableSortedSet<string>> actions, ImmutableSortedSet<string> contested)
    {
        _actions = actions;
        _contested = contested;
    }

    public static WriteTargets Empty { get; } = new(
        ImmutableDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal),
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    public bool HasContested => !_contested.IsEmpty;

    /// <summary>Targets named by two actions or more, in order.</summary>
    public IEnumerable<(string Target, ImmutableSortedSet<string> Actions)> Contested => _contested.Select(t => (t, _actions[t]));

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

    /// <summary>Every literal or templated target anybody writes.</summary>
    public IEnumerable<string> All => _actions.Keys;

    public WriteTargets Replace(string action, ActionDefinition? before, ActionDefinition? after)
    {
        var actions = _actions;
        var contested = _contested;
        foreach (var target in Of(before))
        {
            var left = actions[target].Remove(action);
            actions = left.IsEmpty ? actions.Remove(target) : actions.SetItem(target, left);
            contested = left.Count > 1 ? contested : contested.Remove(target);
        }

        foreach (var target in Of(after))
        {
            var now = actions.GetValueOrDefault(target, ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(action);
            actions = actions.SetItem(target, now);
            contested = now.Count > 1 ? contested.Add(target) : contested;
        }

        return ReferenceEquals(actions, _actions) ? this : new(actions, contested);
    }

    /// <summary>The contested targets an action takes part in.</summary>
    public ImmutableArray<(string Target, ImmutableSortedSet<string> Actions)> ContestedBy(string action) =>
        [.. Contested.Where(c => c.Actions.Contains(action))];

    public static void WriteIds(Utf8JsonWriter writer, IEnumerable<string> ids)
    {
        writer.WriteStartArray();
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static IEnumerable<string> Of(ActionDefinition? definition) =>
        definition is null ? [] : definition.Writes.Select(w => w.Target).OfType<string>().Distinct(StringComparer.Ordinal);
}
