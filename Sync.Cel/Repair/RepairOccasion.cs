namespace Sync.Cel.Repair;

/// <summary>When an expression is looked at, which decides what may be changed of it.</summary>
internal enum RepairOccasion
{
    /// <summary>It does not compile.</summary>
    Compiling,

    /// <summary>It compiles, and compares or loops over what it does not mean to.</summary>
    Doubtful,

    /// <summary>It gave an error over values that are known now.</summary>
    Evaluating,
}
