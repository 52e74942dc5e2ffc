namespace Sync.Web.Components.Surfaces;

/// <summary>The colour of a word that names a state; words it does not know stay neutral.</summary>
internal static class Tone
{
    public static string Of(string word) => word.ToLowerInvariant() switch
    {
        "open" or "new" or "todo" or "queued" or "pending" => "tone-open",
        "claimed" or "running" or "working" or "in_progress" or "waiting" => "tone-busy",
        "review" or "in_review" or "proposed" => "tone-check",
        "done" or "active" or "ok" or "approved" or "completed" or "success" or "passed" => "tone-good",
        "failed" or "error" or "blocked" or "rejected" => "tone-bad",
        _ => "",
    };
}
