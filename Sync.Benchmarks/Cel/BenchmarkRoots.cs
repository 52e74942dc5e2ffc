using System.Text;
using Sync.Cel.Checking;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Benchmarks.Cel;

/// <summary>A room's roots for the benchmarks: state, messages and self, from JSON.</summary>
internal sealed class BenchmarkRoots : ICelActivation
{
    public static readonly CelOptions Options = new()
    {
        Variables = ["state", "messages", "self"],
        AbsentKeysAreNull = true,
        MixedArithmetic = true,
    };

    private readonly CelValue[] _values;

    public BenchmarkRoots(int items)
    {
        var rows = string.Join(',', Enumerable.Range(0, items).Select(i => $$"""{"id":"item{{i}}","points":{{i}},"done":{{(i % 3 == 0 ? "true" : "false")}}}"""));
        var tasks = string.Join(',', Enumerable.Range(0, items).Select(i => $"\"task{i}\":{{\"points\":{i},\"by\":null}}"));
        _values =
        [
            CelValue.ParseJson(Encoding.UTF8.GetBytes($$"""{"_shared":{"phase":"playing","round":3,"items":[{{rows}}]},"_tasks":{ {{tasks}} } }""")),
            CelValue.ParseJson("""{"count":9,"unread":2,"directed_unread":0}"""u8),
            CelValue.Of("alice"),
        ];
    }

    public CelValue Get(int slot) => _values[slot];
}
