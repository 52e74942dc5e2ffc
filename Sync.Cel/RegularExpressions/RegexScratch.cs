namespace Sync.Cel.RegularExpressions;

/// <summary>The two sets that a simulation works with, one for each thread of the process: matching calls nothing that could match in turn.</summary>
internal sealed class RegexScratch
{
    [ThreadStatic]
    private static RegexScratch? t_instance;

    public static RegexScratch Instance => t_instance ??= new RegexScratch();

    public RegexThreads Now { get; private set; } = new();

    public RegexThreads Next { get; private set; } = new();

    public void Swap() => (Now, Next) = (Next, Now);
}
