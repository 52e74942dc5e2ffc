namespace Sync.Cel.RegularExpressions;

/// <summary>
/// Bounds what the automata of all programs hold together. Past the bound all are dropped and begin anew: what a match costs is charged
/// as if there were none, so nobody notices but by some microseconds.
/// </summary>
internal static class RegexMemory
{
    public const long MaxBytes = 8 * 1024 * 1024;

    private static readonly Lock s_lock = new();

    // Weak: an automaton must not keep a program that nobody uses any more. A program may be listed more than once.
    private static List<WeakReference<RegexProgram>> s_holders = [];
    private static long s_bytes;

    /// <summary>Bytes counted since all were dropped last.</summary>
    public static long Bytes => Interlocked.Read(ref s_bytes);

    public static void Enter(RegexProgram program)
    {
        lock (s_lock)
        {
            s_holders.Add(new WeakReference<RegexProgram>(program));
        }
    }

    public static void Count(RegexProgram program, int bytes)
    {
        if (Interlocked.Add(ref s_bytes, bytes) <= MaxBytes)
        {
            return;
        }

        List<WeakReference<RegexProgram>> holders;
        lock (s_lock)
        {
            holders = s_holders;
            s_holders = [new WeakReference<RegexProgram>(program)];
            Interlocked.Exchange(ref s_bytes, bytes);
        }

        foreach (var holder in holders)
        {
            if (holder.TryGetTarget(out var other) && other != program)
            {
                other.DropDfa();
            }
        }
    }
}
