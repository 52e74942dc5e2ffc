namespace Sync.Cel.Values;

/// <summary>A value that belongs to an extension library. Implementations are immutable.</summary>
public abstract class CelOpaque
{
    /// <summary>The CEL name of the type, such as <c>net.IP</c>.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether <c>==</c> holds between this and another value of the same type name.</summary>
    public abstract bool SameAs(CelOpaque other);

    /// <summary>The text that <c>string()</c>, JSON and messages show.</summary>
    public abstract override string ToString();
}
