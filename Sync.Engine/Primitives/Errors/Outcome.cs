using System.Diagnostics.CodeAnalysis;

namespace Sync.Engine.Primitives.Errors;

/// <summary>An answer or a refusal.</summary>
/// <typeparam name="T">The answer's type.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, SyncError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The refusal, or null.</summary>
    public SyncError? Error { get; }

    /// <summary>The answer. Asking a refusal for it is a bug and throws.</summary>
    public T Value => Error is null
        ? _value!
        : throw new InvalidOperationException($"Refused: {Error.Code}: {Error.Message}");

    /// <summary>Splits the outcome: true with the answer, or false with the refusal.</summary>
    public bool Try([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out SyncError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }

    /// <summary>An answer whose type is an interface, which the conversion cannot take.</summary>
    public static Outcome<T> Of(T value) => new(value, null);

    /// <summary>An answer is an outcome.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>A refusal is an outcome.</summary>
    public static implicit operator Outcome<T>(SyncError error) => new(default, error);
}
