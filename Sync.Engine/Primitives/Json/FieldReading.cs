using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Primitives.Json;

/// <summary>What became of a field's value: it was taken, it does not have the field's form, or it is refused for a reason of its own.</summary>
internal readonly struct FieldReading
{
    private FieldReading(bool usable, SyncError? refusal)
    {
        IsUsable = usable;
        Refusal = refusal;
    }

    /// <summary>The value has the form and was taken.</summary>
    public static FieldReading Taken { get; } = new(usable: true, refusal: null);

    /// <summary>The value does not have the field's form.</summary>
    public static FieldReading Unusable { get; } = new(usable: false, refusal: null);

    public bool IsUsable { get; }

    /// <summary>Why a value of the right form is refused, or null.</summary>
    public SyncError? Refusal { get; }

    /// <summary>Null is a value that was taken.</summary>
    public static implicit operator FieldReading(SyncError? refusal) => new(usable: true, refusal);

    /// <summary>Whether the value has the form, and was taken.</summary>
    public static implicit operator FieldReading(bool usable) => new(usable, refusal: null);
}

/// <summary>What null says in a field.</summary>
internal enum NullField
{
    /// <summary>The same as to leave it out.</summary>
    Absent,

    /// <summary>The same as to leave it out, and an empty text is a value in requests too.</summary>
    AbsentAlone,

    /// <summary>Nothing: it is refused.</summary>
    Refused,

    /// <summary>Something of its own: the field's reader sees it.</summary>
    Read,
}

/// <summary>What is wrong with an object that is read by a <see cref="FieldTable{TDraft}"/>.</summary>
internal enum FieldProblemKind
{
    /// <summary>It is no object.</summary>
    NoObject,

    /// <summary>It has a field that the table does not know.</summary>
    Unknown,

    /// <summary>It lacks a field.</summary>
    Missing,

    /// <summary>A field's value does not have the field's form.</summary>
    Unusable,
}

/// <summary>A problem, for the reader's own words.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Name">The field, safe to repeat; empty for <see cref="FieldProblemKind.NoObject"/>.</param>
/// <param name="Form">What its value should be: "a string".</param>
/// <param name="Hint">What every reader can say: the nearest known name, or the form; else null.</param>
/// <param name="Nearest">The known name nearest to an unknown one, or null.</param>
internal readonly record struct FieldProblem(FieldProblemKind Kind, string Name, string Form, string? Hint, string? Nearest);
