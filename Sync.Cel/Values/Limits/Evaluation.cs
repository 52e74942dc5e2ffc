using System.Runtime.CompilerServices;

namespace Sync.Cel.Values.Limits;

/// <summary>
/// The state of one evaluation, on the stack of its thread: roots, the frame of comprehension variables, and the budget it spends from.
/// </summary>
/// <remarks>
/// Every step lowers <see cref="Cost"/>. Only steps that repeat or allocate in proportion to data look at it, because the
/// plan itself is finite: once it is below zero every loop ends at its next turn, and the program's result is the limit
/// error whatever the expression made of it, so <c>||</c> cannot absorb it.
/// </remarks>
internal readonly ref struct Evaluation(ICelActivation activation, CelBudget budget, CelValue[] locals)
{
    /// <summary>Deepest recursion over values: equality, printing, conversion. Values from JSON stay within 64.</summary>
    public const int MaxValueDepth = 200;

    public readonly ICelActivation Activation = activation;
    public readonly CelValue[] Locals = locals;
    public readonly CelBudget Budget = budget;

    /// <summary>Null where no value moves with the clock.</summary>
    public readonly CelClock? Clock = activation.Clock;

    /// <summary>What is left; a node takes its own unit here without asking.</summary>
    public ref long Cost => ref Budget.Meter;

    /// <summary>A value goes where the clock cannot be followed: into a list, a key, a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Hold(in CelValue value)
    {
        if (value.IsMoving)
        {
            Clock?.Lose();
        }
    }

    /// <summary>Takes <paramref name="units"/>; false when they are not there, and the step must not be done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Charge(long units) => Budget.Charge(units);

    /// <summary>Takes the price of hashing a key: a text is read whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ChargeKey(in CelValue key) => key.Kind != CelKind.String || Budget.Charge(key.AsString.Length >> 4);

    /// <summary>
    /// Takes the price of looking for one text in another, as often as it is there: scanning the whole, and at worst comparing the part at every place. Comparing goes 16
    /// characters and more at a time.
    /// </summary>
    public bool ChargeSearch(int whole, int part) => Budget.Charge(1 + (whole >> 4) + ((part >> 4) * (long)Math.Max(0, whole - part) >> 6));

    /// <summary>Takes the price of scanning or copying text: one unit per 16 characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ChargeText(long characters) => Budget.Charge(1 + (characters >> 4));
}
