namespace Sync.Engine.Primitives.Errors;

/// <summary>How a surface says a <see cref="NextStep"/>. The engine asks where an answer that it composes names a call: in refusals, in notes of what was cut, and in help.</summary>
public interface IStepRenderer
{
    /// <summary>The step as a call that works when it is taken literally.</summary>
    string Call(NextStep step);

    /// <summary>The step as what a note of a cut says in <c>query</c>.</summary>
    string Query(NextStep step);

    /// <summary>One sentence: the call, and what it is good for.</summary>
    string Sentence(NextStep step);

    /// <summary>The address of the page where a person takes the step; null for a step that is not taken on a page.</summary>
    string? Address(NextStep step);

    /// <summary>Whether the surface has a call of its own for a built-in action: contexts do not list such a one among the actions.</summary>
    bool HasOwnCall(string builtIn);
}

/// <summary>The words of no surface, for calls from within the process.</summary>
internal sealed class PlainSteps : IStepRenderer
{
    public static PlainSteps Instance { get; } = new();

    public string Call(NextStep step) => step.ToString();

    public string Query(NextStep step) => step.ToString();

    public string Sentence(NextStep step) => $"Next: {step}.";

    public string? Address(NextStep step) => null;

    public bool HasOwnCall(string builtIn) => false;
}
