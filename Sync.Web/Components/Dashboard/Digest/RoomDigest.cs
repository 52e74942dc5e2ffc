using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>How grave a concern is, in the order in which concerns are shown.</summary>
internal enum ConcernWeight
{
    /// <summary>Somebody waits for the reader.</summary>
    Ask,

    /// <summary>Something is broken or refused.</summary>
    Bad,

    /// <summary>Something may go wrong.</summary>
    Warn,
}

/// <summary>Something in a room that a person should look at.</summary>
/// <param name="Kind">What it is, in a word or two.</param>
/// <param name="What">One sentence.</param>
/// <param name="Panel">The panel that shows more.</param>
internal sealed record Concern(string Kind, string What, string Panel)
{
    public required ConcernWeight Weight { get; init; }

    /// <summary>The event that shows more, or null.</summary>
    public long? Event { get; init; }

    /// <summary>The view, or null.</summary>
    public string? View { get; init; }
}

/// <summary>A room in a few sentences, for who opens it and finds no surfaces.</summary>
/// <param name="Purpose">What somebody wrote that it is for, or null.</param>
/// <param name="Ready">Actions that can be invoked now.</param>
/// <param name="Concerns">What needs attention: who waits for the reader first, then the gravest.</param>
internal sealed record RoomDigest(string? Purpose, ImmutableArray<ActionModel> Ready, ImmutableArray<Concern> Concerns)
{
    // More than so many are one concern, or they would hide the others.
    private const int MaxContested = 1;

    private static readonly string[] s_purposes = ["purpose", "goal", "mission", "objective", "topic", "description", "about", "brief", "readme", "title"];

    public static RoomDigest Of(RoomPageModel model) => new(PurposeOf(model), [.. model.Actions.Where(action => action.Available)], [.. ConcernsOf(model).OrderBy(concern => concern.Weight)]);

    private static string? PurposeOf(RoomPageModel model)
    {
        var found = model.Entries
            .Where(entry => entry.Scope is "_shared" or "_config" && s_purposes.Contains(entry.Key, StringComparer.OrdinalIgnoreCase))
            .MinBy(entry => Array.FindIndex(s_purposes, name => name.Equals(entry.Key, StringComparison.OrdinalIgnoreCase)));
        if (found is null)
        {
            return null;
        }

        return Clip.Text(JsonLayout.Plain(JsonLayout.Parse(found.Value)), Clip.Title);
    }

    private static IEnumerable<Concern> ConcernsOf(RoomPageModel model)
    {
        if (model.PendingApprovals > 0)
        {
            yield return new Concern("Decide", $"{model.PendingApprovals:N0} {(model.PendingApprovals == 1 ? "approval waits" : "approvals wait")} for a decision.", "approvals") { Weight = ConcernWeight.Ask };
        }

        foreach (var view in model.Views.Where(view => view.Error is not null))
        {
            yield return new Concern("Broken view", $"{view.Id}: {Clip.Text(view.Error, Clip.Cell)}", "views") { Weight = ConcernWeight.Bad, View = view.Id };
        }

        foreach (var concern in ContestedOf(model))
        {
            yield return concern;
        }

        foreach (var refusals in model.Activity.Where(e => !e.Ok).GroupBy(e => (e.Agent, e.Action, e.Error)).Take(5))
        {
            var times = refusals.Sum(e => (double)e.Count);
            yield return new Concern("Refused", $"{refusals.Key.Agent ?? "Somebody"}, {refusals.Key.Action}{(times > 1 ? $" {times:N0} times" : "")}: {refusals.Key.Error}.", "log") { Weight = ConcernWeight.Bad, Event = refusals.Max(e => e.Seq) };
        }

        // What is paused is said above, with its reason.
        if (RoomViewer.CanAct(model) && !model.Pauses.Any(pause => pause.What == "room") && !model.Actions.IsEmpty && model.Actions.All(action => !action.Available))
        {
            yield return new Concern("Stuck", "No action is available to you now.", "actions") { Weight = ConcernWeight.Warn };
        }
    }

    private static IEnumerable<Concern> ContestedOf(RoomPageModel model)
    {
        var contested = model.Vocabulary.Writes.Where(write => write.Contested).GroupBy(write => (write.Scope, write.Key)).ToList();
        if (contested.Count > MaxContested)
        {
            return [new Concern("Contested", $"{contested.Count:N0} keys are written by more than one action.", "vocabulary") { Weight = ConcernWeight.Warn }];
        }

        return contested.Select(target => new Concern(
            "Contested",
            $"{target.Key.Scope} / {target.Key.Key} is written by {Clip.Text(string.Join(" and ", target.Take(20).Select(write => write.Action)), Clip.Title)}.",
            "vocabulary")
        { Weight = ConcernWeight.Warn });
    }
}
