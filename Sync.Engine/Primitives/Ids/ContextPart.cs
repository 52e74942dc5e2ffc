namespace Sync.Engine.Primitives.Ids;

/// <summary>A part of a context, as <c>only</c> names it: a whole section (<c>views</c>), or one scope of the state (<c>state._shared</c>).</summary>
/// <param name="Section">The section.</param>
/// <param name="Scope">The scope, of the state alone; null means the whole section.</param>
internal readonly record struct ContextPart(ContextSection Section, string? Scope = null)
{
    private const string StatePrefix = "state.";

    /// <summary>One scope of the state.</summary>
    public static ContextPart OfScope(string scope) => new(ContextSection.State, scope);

    /// <summary>A whole section.</summary>
    public static implicit operator ContextPart(ContextSection section) => new(section);

    /// <summary>Reads a part's name; null when no part has it. A scope is not looked up: whether the room has it is known only when the context is written.</summary>
    public static ContextPart? Find(string name) =>
        name.StartsWith(StatePrefix, StringComparison.Ordinal) ? OfScope(name[StatePrefix.Length..])
        : ContextSections.Find(name) is { } section ? section
        : null;

    /// <summary>The name of the part, which <see cref="Find"/> reads.</summary>
    public override string ToString() => Scope is null ? Section.Name() : $"{StatePrefix}{Scope}";
}
