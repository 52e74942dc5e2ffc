using Sync.Cel.Values;

namespace Sync.Engine.Model.Expressions;

/// <summary>Whether a condition holds, as an object so that it can be kept.</summary>
internal sealed record Condition(bool Holds)
{
    private static readonly Condition s_holds = new(Holds: true);
    private static readonly Condition s_fails = new(Holds: false);

    public static Condition Of(in CelValue value) => value.IsTrue ? s_holds : s_fails;
}
