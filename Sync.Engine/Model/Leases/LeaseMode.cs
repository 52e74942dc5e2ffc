namespace Sync.Engine.Model.Leases;

/// <summary>How a key is held.</summary>
internal enum LeaseMode
{
    /// <summary>By one agent, and nobody beside it.</summary>
    Exclusive,

    /// <summary>By any number of agents that all say so.</summary>
    Shared,
}

/// <summary>The words of <see cref="LeaseMode"/>.</summary>
internal static class LeaseModeWords
{
    public static string Word(this LeaseMode mode) => mode == LeaseMode.Shared ? "shared" : "exclusive";

    /// <summary>The mode of a word, or null.</summary>
    public static LeaseMode? Parse(string? word) => word switch
    {
        "exclusive" => LeaseMode.Exclusive,
        "shared" => LeaseMode.Shared,
        _ => null,
    };
}
