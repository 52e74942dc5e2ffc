using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Demo;

/// <summary>
/// What the demo's agents do: the planner keeps a small queue filled and cleared, two workers take tasks from it, a reviewer accepts them or sends
/// them back, and now and then everybody votes. The room stays small: the planner posts only while little is open, and clears what is done.
/// </summary>
internal static class DemoScript
{
    public const string Reviewer = "rho";

    private const int MaxFinished = 3;

    private static readonly (string Title, int Minutes)[] s_tasks =
    [
        ("Collect the field notes from site A", 12), ("Transcribe the interview with the ferry crew", 20), ("Check the tide tables for May", 6),
        ("Draw the map of the sampling points", 15), ("Compare water readings with last year", 10), ("Write the summary for the harbour office", 18),
        ("Verify the figures in table 3", 8), ("Find a photo for the cover", 4), ("Translate the abstract", 9), ("List the open questions", 5),
        ("Ask the lab for the missing sample", 3), ("Recalculate the salinity average", 7), ("Proofread chapter two", 14), ("Update the list of sources", 6),
        ("Draft the press note", 11), ("Check names and places", 5),
    ];

    private static readonly string[] s_questions =
        ["Publish the interim figures today?", "Move the review to the morning?", "Add a chapter on the estuary?", "Keep the old map projection?"];

    private static readonly string[] s_results =
        ["All figures agree with the ledger.", "Two entries corrected, the rest stands.", "Clean copy is in the shared folder.", "Sources are linked.", "Nothing unexpected."];

    private static readonly string[] s_notes = ["Please name the source.", "The total does not add up.", "One page is missing."];

    /// <summary>Fills the queue, clears it, asks questions.</summary>
    public static async Task PlanAsync(DemoActor actor, CancellationToken cancellationToken)
    {
        var openOverTime = new Queue<int>();
        var posts = Random.Shared.Next(s_tasks.Length);
        while (true)
        {
            var context = await actor.UntilAsync($"views.open + views.in_progress + views.in_review < 7 || views.finished.size() > {MaxFinished}", cancellationToken);
            var tasks = Tasks(context);
            var finished = tasks.Where(task => task.Status == "done").ToList();
            if (finished.Count > MaxFinished)
            {
                await actor.DoAsync("archive_task", new JsonObject { ["task"] = finished[0].Id }, cancellationToken);
                continue;
            }

            var (title, minutes) = s_tasks[posts++ % s_tasks.Length];
            await actor.DoAsync("post_task", new JsonObject { ["title"] = title, ["minutes"] = minutes }, cancellationToken);
            if (posts % 4 == 0)
            {
                await actor.SayAsync($"New on the queue: {title}.", to: null, cancellationToken);
            }

            openOverTime.Enqueue(tasks.Count - finished.Count + 1);
            while (openOverTime.Count > 24)
            {
                openOverTime.Dequeue();
            }

            if (posts % 2 == 0)
            {
                await actor.DoAsync("record_pace", new JsonObject { ["open_over_time"] = new JsonArray([.. openOverTime.Select(count => JsonValue.Create(count))]) }, cancellationToken);
            }

            if (posts % 5 == 0)
            {
                await AskAsync(actor, s_questions[posts / 5 % s_questions.Length], cancellationToken);
            }
        }
    }

    /// <summary>Takes tasks and works on them.</summary>
    public static async Task WorkAsync(DemoActor actor, CancellationToken cancellationToken)
    {
        while (true)
        {
            var context = await actor.UntilAsync("views.mine.size() > 0 || views.open > 0 || views.vote_due", cancellationToken);
            if (await VoteAsync(actor, context, cancellationToken))
            {
                continue;
            }

            if (await TakeAsync(actor, context, cancellationToken) is not { } id)
            {
                continue;
            }

            foreach (var percent in (int[])[Random.Shared.Next(10, 30), Random.Shared.Next(40, 60), Random.Shared.Next(70, 95)])
            {
                await actor.DoAsync("report_progress", new JsonObject { ["task"] = id, ["percent"] = percent }, cancellationToken);
            }

            var result = s_results[Random.Shared.Next(s_results.Length)];
            await actor.DoAsync("complete_task", new JsonObject { ["task"] = id, ["result"] = result }, cancellationToken);
            await actor.SayAsync($"#{id} is ready for you. {result}", Reviewer, cancellationToken);
        }
    }

    /// <summary>Accepts finished tasks, or sends them back.</summary>
    public static async Task ReviewAsync(DemoActor actor, CancellationToken cancellationToken)
    {
        while (true)
        {
            var context = await actor.UntilAsync("views.in_review > 0 || views.vote_due", cancellationToken);
            if (await VoteAsync(actor, context, cancellationToken) || Tasks(context).FirstOrDefault(task => task.Status == "review") is not { } task)
            {
                continue;
            }

            if (Random.Shared.Next(6) == 0)
            {
                var note = s_notes[Random.Shared.Next(s_notes.Length)];
                await actor.DoAsync("return_task", new JsonObject { ["task"] = task.Id, ["note"] = note }, cancellationToken);
                await actor.SayAsync($"#{task.Id} goes back: {note}", task.Worker, cancellationToken);
            }
            else
            {
                await actor.DoAsync("approve_task", new JsonObject { ["task"] = task.Id }, cancellationToken);
            }
        }
    }

    /// <summary>The task to work on: one it holds already, from before the server was restarted, or an open one, if the room gives it.</summary>
    private static async Task<string?> TakeAsync(DemoActor actor, JsonElement context, CancellationToken cancellationToken)
    {
        if (View(context, "mine") is { ValueKind: JsonValueKind.Array } mine && mine.GetArrayLength() > 0)
        {
            return mine[0].GetString();
        }

        // Either of the first two, so that both workers sometimes want the same one and the room decides.
        var open = Tasks(context).Where(task => task.Status == "open").Take(2).ToList();
        if (open.Count == 0)
        {
            return null;
        }

        var id = open[Random.Shared.Next(open.Count)].Id;
        return await actor.DoAsync("claim_task", new JsonObject { ["task"] = id }, cancellationToken) ? id : null;
    }

    private static async Task AskAsync(DemoActor actor, string question, CancellationToken cancellationToken)
    {
        if (!await actor.DoAsync("open_vote", new JsonObject { ["question"] = question }, cancellationToken))
        {
            return;
        }

        await actor.SayAsync($"{question} Please vote.", to: null, cancellationToken);
        var context = await actor.UntilAsync("state.?_votes.orValue({}).values().filter(v, v.round == state._shared.ballot_round).size() >= 3", cancellationToken);
        var outcome = View(context, "tally").EnumerateArray().MaxBy(choice => choice.GetProperty("value").GetInt32()).GetProperty("label").GetString();
        await actor.DoAsync("close_vote", new JsonObject { ["outcome"] = outcome }, cancellationToken);
        await actor.SayAsync($"The vote is {outcome}.", to: null, cancellationToken);
    }

    private static async Task<bool> VoteAsync(DemoActor actor, JsonElement context, CancellationToken cancellationToken)
    {
        string[] choices = ["yes", "yes", "no", "later"];
        return View(context, "vote_due").ValueKind == JsonValueKind.True
            && await actor.DoAsync("cast_vote", new JsonObject { ["choice"] = choices[Random.Shared.Next(choices.Length)] }, cancellationToken);
    }

    private static JsonElement View(JsonElement context, string id) => context.GetProperty("views").GetProperty(id).GetProperty("value");

    private static List<QueuedTask> Tasks(JsonElement context) =>
        [.. View(context, "queue").EnumerateArray().Select(task => new QueuedTask(
            task.GetProperty("id").GetString() ?? "", task.GetProperty("status").GetString() ?? "", task.GetProperty("worker").GetString()))];

    private sealed record QueuedTask(string Id, string Status, string? Worker);
}
