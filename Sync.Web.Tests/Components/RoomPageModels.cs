using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Tests.Components;

/// <summary>Page models of rooms that exist in no engine.</summary>
internal static class RoomPageModels
{
    private static readonly DateTimeOffset s_then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static RoomPageModel Of(ImmutableArray<ViewModel> views = default, AccessLevel access = AccessLevel.Write, string room = "r") => new()
    {
        Seq = 10,
        At = s_then,
        Vocabulary = RoomVocabulary.Empty,
        Info = new RoomInfo { Id = room, CreatedAt = s_then, Join = JoinPolicy.Open, Access = access, Members = [] },
        Self = "ada",
        Agents = [new AgentModel("ada", "Ada", "worker", AgentStatus.Active, null, s_then), new AgentModel("bo", "Bo", "worker", AgentStatus.Idle, null, s_then)],
        Entries = [Entry("_shared", "phase", "\"draft\""), Entry("_shared", "score", "3"), Entry("_votes", "ada", "\"yes\"")],
        Messages = [Message(1, "chat", "hello"), Message(2, "task", "do it", "ada")],
        MessageCount = 2,
        Actions =
        [
            Action("vote", """{"id":"vote","params":{"choice":{"type":"string","enum":["yes","no"],"required":true}}}"""),
            Action("close", """{"id":"close","if":"state._shared.phase == \"open\""}""", reason: "precondition_failed"),
            Action("begin", """{"id":"begin","params":{}}"""),
        ],
        Views = views.IsDefault ? [] : views,
        Activity = [],
    };

    public static ViewModel View(string id, string value, string? render, string? error = null) => new(id, "_shared", null, null, value, render, System: false, error);

    public static EntryModel Entry(string scope, string key, string value) => new(scope, key, value, "v", 1, s_then, 5, "ada", "set");

    public static MessageModel Message(long seq, string kind, string body, params ImmutableArray<string> to) => new(seq, "bo", kind, body, to, s_then);

    public static ActionModel Action(string id, string definition, string? reason = null) => new(id, "_shared", $"Does {id}.", reason is null, reason, 2, definition);
}
