namespace Sync.Cel.Values.Limits;

/// <summary>Supplies the roots of one evaluation.</summary>
public interface ICelActivation
{
    /// <summary>
    /// The value of the variable in <paramref name="slot"/>. An error value stands for "unknown here": it is absorbed by
    /// <c>&amp;&amp;</c> and <c>||</c> where the other side decides.
    /// </summary>
    CelValue Get(int slot);

    /// <summary>Watches what is made of the time, where the activation gives out a marked one (<see cref="CelClock.Now"/>); null where it gives out none.</summary>
    CelClock? Clock => null;
}
