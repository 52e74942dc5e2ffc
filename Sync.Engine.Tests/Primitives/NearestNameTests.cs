using Sync.Cel.Syntax;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Primitives;

/// <summary>What was meant by a name that is not known.</summary>
public sealed class NearestNameTests
{
    private static readonly string[] s_tools =
    [
        "sync_lobby", "sync_embody", "sync_disembody", "sync_create_room", "sync_list_rooms", "sync_join_room", "sync_read_context", "sync_invoke_action", "sync_wait", "sync_register_action",
        "sync_register_view", "sync_delete_action", "sync_delete_view", "sync_send_message", "sync_help", "sync_eval_cel", "sync_restrict_scope", "sync_revoke_access",
    ];

    [Theory]
    [InlineData("_unregister_action", "_delete_action", "_register_action", "_register_view", "_delete_view", "_send_message")]
    [InlineData("_remove_view", "_delete_view", "_register_action", "_register_view", "_delete_action")]
    [InlineData("_add_action", "_register_action", "_delete_action")]
    [InlineData("_post_message", "_send_message", "_register_action")]
    [InlineData("arguments", "params", "room", "agent", "action")]
    [InlineData("args", "params", "agent")]
    [InlineData("sections", "only", "actions", "depth", "messages")]
    [InlineData("expression", "expr", "room")]
    [InlineData("timeout_ms", "timeout", "condition")]
    [InlineData("idempotency_key", "request_id", "params")]
    [InlineData("text", "body", "to", "kind")]
    [InlineData("recipient", "to", "body", "kind")]
    [InlineData("name", "id", "params", "writes")]
    [InlineData("registerAction", "register_action", "delete_action")]
    [InlineData("depht", "depth", "only")]
    [InlineData("Bob", "bob", "ann")]
    [InlineData("pst_task", "post_task", "claim_task")]
    public void Name_OfTheSameMeaningOrWithASlip_IsFound(string name, string meant, params string[] others) =>
        Assert.Equal(meant, NearestName.Of(name, [.. others, meant]));

    [Theory]
    [InlineData("sync_leave_room", null)]
    [InlineData("sync_unregister_action", "sync_delete_action")]
    [InlineData("sync_remove_view", "sync_delete_view")]
    [InlineData("sync_call_action", "sync_invoke_action")]
    [InlineData("sync_post_message", "sync_send_message")]
    [InlineData("sync_evaluate_cel", "sync_eval_cel")]
    [InlineData("sync_get_context", "sync_read_context")]
    [InlineData("sync_define_view", "sync_register_view")]
    [InlineData("sync_enter_room", "sync_join_room")]
    [InlineData("sync_new_room", "sync_create_room")]
    [InlineData("sync_leave", "sync_disembody")]
    [InlineData("sync_overview", "sync_lobby")]
    public void Tool_ByAnotherWord_IsFound(string name, string? meant) => Assert.Equal(meant, NearestName.Of(name, s_tools));

    [Theory]
    [InlineData("x", "y")]
    [InlineData("n", "m")]
    [InlineData("a", "ab")]
    [InlineData("id", "by")]
    [InlineData("me", "my")]
    [InlineData("_items", "_votes")]
    [InlineData("team", "item")]
    [InlineData("_tasks", "_notes")]
    [InlineData("red", "bob")]
    [InlineData("alice", "claire")]
    public void Name_ThatSharesNoStem_IsNoSuggestion(string name, string candidate)
    {
        Assert.Null(DidYouMean.Nearest(name, [candidate]));
        Assert.Null(NearestName.Of(name, [candidate]));
    }

    [Theory]
    [InlineData("X", "x")]
    [InlineData("ot", "to")]
    [InlineData("_vote", "_votes")]
    [InlineData("_vtoes", "_votes")]
    [InlineData("phse", "phase")]
    [InlineData("phsae", "phase")]
    [InlineData("objectve", "objective")]
    [InlineData("resluts", "results")]
    [InlineData("desc", "description")]
    [InlineData("registre_acton", "register_action")]
    public void Name_WithASlip_IsASuggestion(string name, string candidate) => Assert.Equal(candidate, DidYouMean.Nearest(name, [candidate]));

    [Theory]
    [InlineData("vote", "vote")]
    [InlineData("unregister", "register")]
    [InlineData("leave", "join")]
    [InlineData("disembody", "embody")]
    [InlineData("delete_action", "register_action")]
    [InlineData("deregister_action", "register_action")]
    public void Name_ThatIsTheSameOrTheOpposite_IsNoSuggestion(string name, string candidate) => Assert.Null(NearestName.Of(name, [candidate]));

    [Fact]
    public void Name_AsLongAsARequest_CostsNothing() => Assert.Null(NearestName.Of(new string('x', 1_000_000), ["xxxx"]));
}
