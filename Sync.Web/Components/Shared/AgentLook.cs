namespace Sync.Web.Components.Shared;

/// <summary>How an agent looks on a page: its colour, and the letters in its mark.</summary>
/// <param name="Hue">One of <see cref="Shared.Hue.Count"/>.</param>
/// <param name="Pattern">0 for the plain colour; more where the colour is shared, so that the mark is drawn with another pattern.</param>
/// <param name="Initials">Up to three letters and digits.</param>
internal sealed record AgentLook(int Hue, int Pattern, string Initials)
{
    /// <summary>Patterns there are beside the plain one.</summary>
    public const int MaxPattern = 3;

    /// <summary>The classes that give it its colour.</summary>
    public string Class => Pattern == 0 ? $"hue-{Hue}" : $"hue-{Hue} pattern-{Math.Min(Pattern, MaxPattern)}";
}
