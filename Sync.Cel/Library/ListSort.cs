using System.Numerics;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>Sorting, by keys that all have one ordered type (numbers mix).</summary>
internal static class ListSort
{
    public static CelValue Sort(CelList list, CelList keys, ref Evaluation run)
    {
        var count = list.Count;
        var rounds = 2L + BitOperations.Log2((uint)count + 1);
        if (!run.Charge(count * rounds))
        {
            return Errors.Cost;
        }

        var sortable = new CelValue[count];
        var places = new int[count];
        for (var i = 0; i < count; i++)
        {
            sortable[i] = keys[i];
            places[i] = i;

            // Each text is compared about once a round.
            if (!run.Charge(rounds * Ordering.Price(keys[i], keys[i])))
            {
                return Errors.Cost;
            }

            // Comparing with itself tells whether the type has an order; with the first, whether all fit together.
            if (!Ordering.TryCompare(keys[i], keys[i], out _) || !Ordering.TryCompare(keys[0], keys[i], out _))
            {
                return CelValue.Error($"Cannot sort {TypeNames.Plain(keys[0])} together with {TypeNames.Plain(keys[i])}.", "Sort by one comparable thing: `list.sortBy(x, x.name)`.");
            }
        }

        Array.Sort(places, (a, b) =>
        {
            Ordering.TryCompare(sortable[a], sortable[b], out var order);

            // Equal keys keep their order; NaN goes to the end.
            return order is 0 ? a.CompareTo(b) : order == Ordering.Unordered ? CompareNaN(sortable[a], sortable[b], a, b) : order;
        });
        var items = new ListBuilder(count);
        foreach (var place in places)
        {
            items.Add(list[place]);
        }

        return items.ToValue();
    }

    private static int CompareNaN(in CelValue a, in CelValue b, int placeA, int placeB)
    {
        var order = IsNaN(a).CompareTo(IsNaN(b));
        return order != 0 ? order : placeA.CompareTo(placeB);
    }

    private static bool IsNaN(in CelValue value) => value.Kind == CelKind.Double && double.IsNaN(value.AsDouble);
}
