namespace Sync.Web.Options;

/// <summary>A setting that the server runs with.</summary>
/// <param name="Name">Its name, with colons between the sections.</param>
/// <param name="Value">What is in effect.</param>
/// <param name="Default">What would be if it were not set.</param>
public sealed record EffectiveSetting(string Name, string Value, string Default)
{
    /// <summary>Whether somebody has set it to something else than it is by default.</summary>
    public bool IsSet => Value != Default;
}
