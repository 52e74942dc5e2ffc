using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Mcp.Tools;

/// <summary>Finds the tool that is meant by a name that no tool has: by what other systems call the same thing, then by the nearest name.</summary>
internal static partial class ToolNames
{
    private const string Prefix = "sync_";

    // Without the prefix; each name once.
    private static readonly FrozenDictionary<string, string> s_meant = new (string Tool, string Names)[]
    {
        ("sync_lobby", "status whoami who_am_i me info start home ping overview"),
        ("sync_list_rooms", "get_rooms rooms my_rooms show_rooms find_rooms"),
        ("sync_create_room", "new_room make_room invite invite_user invite_member add_member add_user share_room"),
        ("sync_join_room", "enter_room enter join connect connect_room add_agent create_agent register_agent spawn_agent"),
        ("sync_embody", "become become_agent login act_as switch_agent take_role fill_role claim_role identify"),
        ("sync_disembody", "leave_room leave exit_room exit quit release release_agent leave_agent part disconnect logout end_session remove_agent delete_agent"),
        ("sync_read_context", "context get_context read_room get_room describe_room room_info get_state read_state get_value read_value get_key get_entry get_messages read_messages list_messages messages inbox get_actions list_actions describe_action get_action list_agents get_agents list_views get_views get_view read_view get_log read_log log audit history get_history search snapshot inspect"),
        ("sync_wait", "subscribe poll watch listen wait_for wait_until await stream sleep observe long_poll"),
        ("sync_eval_cel", "eval evaluate query compute cel expression check_condition run_query"),
        ("sync_help", "docs manual guide instructions documentation how_to readme"),
        ("sync_invoke_action", "invoke act do call run execute call_action run_action execute_action perform_action trigger_action set_state write_state update_state put_state set_value set_key set write put update merge increment append delete_state delete_key claim claim_task complete_task post_task vote batch transaction explain dry_run explain_action revert pause resume lock unlock acquire acquire_lock reserve reserve_files renew heartbeat hand_over handoff approve reject decide confirm undo rollback stop halt freeze install_pack next_task"),
        ("sync_register_action", "register define_action create_action add_action declare_action new_action update_action redefine_action register_from_library"),
        ("sync_register_view", "define_view create_view add_view declare_view new_view update_view"),
        ("sync_delete_action", "unregister_action remove_action drop_action deregister_action"),
        ("sync_delete_view", "unregister_view remove_view drop_view deregister_view"),
        ("sync_send_message", "send message say tell chat broadcast reply post post_message write_message publish_message send_chat dm notify"),
        ("sync_restrict_scope", "narrow restrict limit_scope read_only drop_rights"),
        ("sync_revoke_access", "revoke forget_room give_up_room"),
    }.SelectMany(static meaning => meaning.Names.Split(' ').Select(name => (name, meaning.Tool))).ToFrozenDictionary(static pair => pair.name, static pair => pair.Tool, StringComparer.Ordinal);

    /// <summary>The tool that is meant, or null.</summary>
    public static string? Meant(string name)
    {
        var plain = Boundary().Replace(name, "_").Replace('-', '_').Replace('.', '_').ToLowerInvariant();
        plain = plain.StartsWith(Prefix, StringComparison.Ordinal) ? plain[Prefix.Length..] : plain;
        return ToolTable.Find(Prefix + plain)?.Name
            ?? s_meant.GetValueOrDefault(plain)
            ?? NearestName.Of(Prefix + plain, ToolTable.All.Select(static tool => tool.Name));
    }

    // Between the words of syncReadContext.
    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Boundary();
}
