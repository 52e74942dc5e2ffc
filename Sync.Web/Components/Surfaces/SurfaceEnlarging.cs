namespace Sync.Web.Components.Surfaces;

/// <summary>Opens a surface to full: handed down to the cards of a board. Where there is none, nothing is enlarged.</summary>
/// <param name="open">Told the view's id.</param>
public sealed class SurfaceEnlarging(Action<string?> open)
{
    /// <summary>Opens it.</summary>
    public void Open(string view) => open(view);
}
