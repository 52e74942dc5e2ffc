namespace Sync.Cel.Values;

public readonly partial struct CelValue
{
    /// <summary>The value as a literal of the language, for people: <c>"text"</c>, <c>[1, 2.0]</c>, <c>{"k": null}</c>; long ones are cut.</summary>
    public override string ToString() => ValueText.Literal(this);
}
