using Sync.Cel;

namespace Sync.Engine.Tests.Cel;

/// <summary>Roots from a list, by slot.</summary>
internal sealed class Activation(IReadOnlyList<CelValue> values) : ICelActivation
{
    public static readonly Activation Empty = new([]);

    public CelValue Get(int slot) => values[slot];
}
