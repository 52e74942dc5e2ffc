using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.State;

namespace Sync.Engine.Model.Expressions;

/// <summary>A scope as a map. Nothing is copied; a value is parsed when an expression first reads it.</summary>
internal sealed class ScopeMap(ScopeState scope) : CelMap
{
    public override int Count => scope.Entries.Count;

    public override IEnumerable<CelValue> Keys => scope.Entries.Keys.Select(CelValue.Of);

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, out value);
    }

    public override bool TryGet(string key, out CelValue value)
    {
        var entry = scope.Find(key);
        value = entry?.Cel ?? default;
        return entry is not null;
    }

    public override bool TryGet(in CelValue key, CelBudget budget, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, budget, out value);
    }

    public override bool TryGet(string key, CelBudget budget, out CelValue value)
    {
        var entry = scope.Find(key);
        value = entry?.Read(budget) ?? default;
        return entry is not null;
    }
}

/// <summary>
/// A scope in which some entries come and go by time or expression: only what is visible at the moment of the evaluation.
/// </summary>
internal sealed class VisibleScopeMap(ScopeState scope, RoomActivation activation) : CelMap
{
    // Each entry is asked whether it shows.
    public override int Count => !activation.Budget.Charge(scope.Entries.Count) ? 0 : scope.Entries.Values.Count(e => activation.IsVisible(e, scope.Name));

    public override IEnumerable<CelValue> Keys =>
        scope.Entries.Values.Where(e => activation.Budget.Charge(1) && activation.IsVisible(e, scope.Name)).Select(e => CelValue.Of(e.Key));

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        value = default;
        return key.Kind == CelKind.String && TryGet(key.AsString, out value);
    }

    public override bool TryGet(string key, out CelValue value)
    {
        var entry = scope.Find(key);
        if (entry is null || !activation.IsVisible(entry, scope.Name))
        {
            value = default;
            return false;
        }

        value = entry.Read(activation.Budget);
        return true;
    }
}
