using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>Maps as lists: keys, values, entries.</summary>
internal static class MapFunctions
{
    private delegate CelValue Item(ref Evaluation run, CelMap map, CelValue key);

    public static void Register(FunctionTable.Builder table)
    {
        table.Method("map<K,V>.keys() list<K>", (ref run, in a) => List(a, static (ref _, _, key) => key, 1, ref run));
        table.Method("map<K,V>.values() list<V>", (ref run, in a) => List(a, ValueOf, 1, ref run));
        table.Method("map<K,V>.entries() list<map<string,dyn>>", (ref run, in a) => List(a, Entry, 4, ref run));
    }

    private static CelValue List(in CelValue a, Item item, int price, ref Evaluation run)
    {
        if (a.Kind != CelKind.Map)
        {
            return Errors.NoMatch;
        }

        var map = a.AsMap;
        if (!run.Charge(1L + (long)price * map.Count))
        {
            return Errors.Cost;
        }

        var items = new ListBuilder(map.Count);
        foreach (var key in map.Keys)
        {
            items.Add(item(ref run, map, key));
            if (run.Budget.IsExhausted)
            {
                return Errors.Cost;
            }
        }

        return items.ToValue();
    }

    private static CelValue ValueOf(ref Evaluation run, CelMap map, CelValue key) =>
        !run.ChargeKey(key) ? Errors.Cost : map.TryGet(key, run.Budget, out var value) ? value : CelValue.Null;

    private static CelValue Entry(ref Evaluation run, CelMap map, CelValue key)
    {
        var entry = new HashMap(2, built: true);
        entry.Set("key", key);
        entry.Set("value", ValueOf(ref run, map, key));
        return CelValue.Of(entry);
    }
}
