namespace Sync.Web.Components.Dashboard.Log;

/// <summary>What of the log is shown. Agent, action and outcome the engine filters too, when older events are fetched; text is looked for in what was fetched.</summary>
internal sealed record LogFilter(string? Agent = null, string? Action = null, bool? Ok = null, string Text = "")
{
    public bool IsEmpty => Agent is null && Action is null && Ok is null && Text.Length == 0;

    /// <summary>Whether an older page would be another with it.</summary>
    public bool FetchesLike(LogFilter other) => Agent == other.Agent && Action == other.Action && Ok == other.Ok;

    public bool Takes(LogLine line) =>
        (Agent is null || line.Agent == Agent)
        && (Action is null || line.Action == Action)
        && (Ok is null || line.Ok == Ok)
        && Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Mentions(line, word));

    private static bool Mentions(LogLine line, string word) =>
        Has(line.Agent, word) || Has(line.Action ?? line.Kind, word) || Has(line.Error, word) || Has(line.Params, word) || line.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture) == word.TrimStart('#');

    private static bool Has(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false;
}
