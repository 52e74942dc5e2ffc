using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Digest;

/// <summary>Something in a room that a person should look at.</summary>
/// <param name="What">One sentence.</param>
/// <param name="Panel">The panel that shows more.</param>
/// <param name="Event">The event that shows more, or null.</param>
internal sealed record Concern(string What, string Panel, long? Event = null);

/// <summary>A room in a few sentences, for who opens it and finds no surfaces.</summary>
/// <param name="Purpose">What somebody wrote that it is for, or null.</param>
/// <param name="Ready">Actions that can be invoked now.</param>
/// <param name="Concerns">What needs attention, the gravest first.</param>
internal sealed record RoomDigest(string? Purpose, ImmutableArray<ActionModel> Ready, ImmutableArray<Concern> Concerns)
{
    // More than so many are one concern, or they would hide the others.
    private const int MaxContested = 3;

    private static readonly string[] s_purposes = ["purpose", "goal", "mission", "objective", "topic", "description", "about", "brief", "readme", "title"];

    public static RoomDigest Of(RoomPageModel model) => new(PurposeOf(model), [.. model.Actions.Where(action => action.Available)], [.. ConcernsOf(model)]);

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
        foreach (var view in model.Views.Where(view => view.Error is not null))
        {
            yield return new Concern($"The view {view.Id} is broken: {Clip.Text(view.Error, Clip.Title)}", "views");
        }

        var contested = model.Vocabulary.Writes.Where(write => write.Contested).GroupBy(write => (write.Scope, write.Key)).ToList();
        foreach (var target in contested.Take(contested.Count > MaxContested ? 0 : MaxContested))
        {
            yield return new Concern($"{target.Key.Scope} / {target.Key.Key} is written by {Clip.Text(string.Join(" and ", target.Take(20).Select(write => write.Action)), Clip.Title)}.", "vocabulary");
        }

        if (contested.Count > MaxContested)
        {
            yield return new Concern($"{contested.Count} keys are written by more than one action, {contested[0].Key.Scope} / {contested[0].Key.Key} among them.", "vocabulary");
        }

        foreach (var refusals in model.Activity.Where(e => !e.Ok).GroupBy(e => (e.Agent, e.Action, e.Error)).Take(5))
        {
            var times = refusals.Sum(e => e.Count);
            yield return new Concern($"{refusals.Key.Agent ?? "Somebody"} was refused {refusals.Key.Action}{(times > 1 ? $" {times} times" : "")}: {refusals.Key.Error}.", "log", refusals.Max(e => e.Seq));
        }

        if (!model.Actions.IsEmpty && model.Actions.All(action => !action.Available))
        {
            yield return new Concern("No action is available to you now.", "actions");
        }
    }
}
