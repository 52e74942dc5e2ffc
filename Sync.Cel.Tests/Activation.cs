using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>Roots from a list, by slot.</summary>
internal sealed class Activation(IReadOnlyList<CelValue> values) : ICelActivation
{
    public static readonly Activation Empty = new([]);

    public CelValue Get(int slot) => values[slot];
}
