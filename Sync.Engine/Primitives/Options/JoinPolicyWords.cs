namespace Sync.Engine.Primitives.Options;

/// <summary>The words of <see cref="JoinPolicy"/>.</summary>
public static class JoinPolicyWords
{
    /// <summary>The policy as the log, exports and calls have it.</summary>
    public static string Word(this JoinPolicy join) => join switch
    {
        JoinPolicy.Open => "open",
        JoinPolicy.Members => "members",
        _ => throw new ArgumentOutOfRangeException(nameof(join), join, "A join policy without a word."),
    };
}
