using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Pages;

/// <summary>A room that is nowhere: something for the design page to draw.</summary>
internal static class DesignRoom
{
    private static readonly DateTimeOffset s_then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static RoomPageModel Model { get; } = new()
    {
        Seq = 57,
        At = s_then,
        Info = new RoomInfo { Id = "design", CreatedAt = s_then, Join = JoinPolicy.Members, Access = AccessLevel.Read, Members = [] },
        Agents = [new AgentModel("ada", "Ada", "worker", AgentStatus.Active, null, s_then), new AgentModel("bo", "Bo", "worker", AgentStatus.Waiting, "messages.unread > 0", s_then)],
        Entries = [new EntryModel("_shared", "posted", "12", "v", 12, s_then, 40, "ada", "post_task"), new EntryModel("_shared", "done", "9", "v", 9, s_then, 52, "bo", "approve_task")],
        Messages =
        [
            new MessageModel(1, "ada", "chat", "The draft is ready for review.", [], s_then),
            new MessageModel(2, "bo", "question", "Who takes the second part?", ["ada"], s_then.AddMinutes(3)),
        ],
        MessageCount = 2,
        Actions =
        [
            new ActionModel("approve_task", "_shared", "Accept a finished task.", Available: false, "precondition_failed", 9, """{"id":"approve_task","if":"state._tasks[params.task].status == \"review\"","params":{"task":{"type":"string","required":true}},"writes":[]}"""),
            new ActionModel("cast_vote", "_shared", "Answer the open question.", Available: true, null, 4, """{"id":"cast_vote","params":{"choice":{"type":"string","enum":["yes","no","later"],"required":true}},"writes":[]}"""),
            new ActionModel("post_task", "_shared", "Put a task on the queue.", Available: true, null, 12, """{"id":"post_task","params":{"title":{"type":"string","required":true,"max_length":120,"description":"What is to be done."},"minutes":{"type":"integer","default":5,"minimum":1,"maximum":60}},"writes":[]}"""),
        ],
        Views = Views(),
        Activity = [],
        Vocabulary = RoomVocabulary.Empty,
    };

    private static ImmutableArray<ViewModel> Views() =>
    [
        View("metric", "9", """{"type":"metric","label":"metric","color":"success","order":1}"""),
        View("percent", "0.82", """{"type":"metric","label":"metric, percent","format":"percent","order":2}"""),
        View("duration", "5400", """{"type":"metric","label":"metric, duration","format":"duration","order":3}"""),
        View("currency", "1249.5", """{"type":"metric","label":"metric, currency","format":"currency","unit":"EUR","order":4}"""),
        View("markdown", "\"**Objective.** Ship the *first* edition:\\n\\n- [x] collect\\n- [ ] review\"", """{"type":"markdown","label":"markdown","order":5}"""),
        View("chart-line", "[3,5,4,8,7,9,12,11]", """{"type":"chart","label":"chart, line","order":6}"""),
        View("chart-bar", """[{"label":"ada","value":7},{"label":"bo","value":4},{"label":"olga","value":2}]""", """{"type":"chart","kind":"bar","label":"chart, bar","order":7}"""),
        View("array-table", """[{"task":"Collect the sources","status":"done","who":"ada"},{"task":"Write the outline","status":"review","who":"bo"},{"task":"Check the numbers","status":"open","who":null}]""", """{"type":"array-table","label":"array-table","order":8}"""),
        View("event-log", """[{"at":"2026-03-01T12:00:00Z","who":"ada","status":"done","text":"Collected the sources"},{"at":"2026-03-01T11:20:00Z","who":"bo","status":"failed","text":"The second draft"}]""", """{"type":"array-table","layout":"event-log","label":"array-table, event-log","order":9}"""),
        View("view-table", """{"question":"Which part first?","open":true,"outcome":null}""", """{"type":"view-table","label":"view-table","order":10}"""),
        View("view-grid", """[{"name":"Ada","role":"worker","status":"active"},{"name":"Bo","role":"worker","status":"waiting"}]""", """{"type":"view-grid","label":"view-grid","order":11}"""),
        View("feed", "true", """{"type":"feed","label":"feed","limit":2,"order":12}"""),
        View("watch", "true", """{"type":"watch","label":"watch","keys":["_shared.posted","_shared.done"],"order":13}"""),
        View("action-bar", "true", """{"type":"action-bar","label":"action-bar","actions":["post_task","approve_task"],"order":14}"""),
        View("action-choice", "\"Which part first?\"", """{"type":"action-choice","label":"action-choice","action":"cast_vote","param":"choice","order":15}"""),
        View("action-form", "true", """{"type":"action-form","label":"action-form","action":"post_task","order":16}"""),
        View("json", """{"depth":3,"parts":["a","b"]}""", """{"type":"json","label":"json","order":17}"""),
        View("broken", """{"_error":"no such key"}""", """{"type":"metric","label":"a view without a value","order":18}""") with { Error = "no such key: 'phase'" },
    ];

    private static ViewModel View(string id, string value, string render) => new(id, "_shared", null, null, value, render, System: false, Error: null);
}
