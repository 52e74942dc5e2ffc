namespace Sync.Cel.RegularExpressions;

internal enum RegexOp : byte
{
    /// <summary>Takes one code point of the class <c>Argument</c>.</summary>
    Class,

    /// <summary>Takes one code point of any class in row <c>Argument</c> of the program's table.</summary>
    Set,

    /// <summary>Goes on at <c>Next</c>, or where that fails at <c>Other</c>.</summary>
    Split,

    /// <summary>Goes on where the text stands at a place of kind <c>Argument</c>.</summary>
    Assert,

    /// <summary>Remembers the position as slot <c>Argument</c>.</summary>
    Save,

    /// <summary>The end of a match.</summary>
    Match,

    /// <summary>No way on.</summary>
    Fail,
}

/// <summary>One step of a program; what it means is said at <see cref="RegexOp"/>.</summary>
internal struct RegexInstruction
{
    public RegexOp Op;
    public int Argument;
    public int Next;
    public int Other;
}
