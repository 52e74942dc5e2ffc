using System.Collections.Immutable;

namespace Sync.Engine.Model.Expressions;

/// <summary>What people mean who name something that is no variable of a room's expressions. For hints: nothing evaluates by these names.</summary>
internal static class NameHints
{
    public static ImmutableDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["*"] = "state._shared.*",
        ["shared"] = "state._shared",
        ["_shared"] = "state._shared",
        ["_*"] = "state._*",
        ["room"] = "state._shared",
        ["room.state"] = "state",
        ["room.agents"] = "agents",
        ["room.messages"] = "messages",
        ["room.views"] = "views",
        ["context"] = "state",
        ["context.state"] = "state",
        ["context.agents"] = "agents",
        ["context.messages"] = "messages",
        ["context.views"] = "views",
        ["ctx"] = "state",
        ["ctx.state"] = "state",
        ["agent"] = "self",
        ["agent.id"] = "self",
        ["agent.name"] = "self",
        ["agent.*"] = "agents[self].*",
        ["me"] = "self",
        ["me.id"] = "self",
        ["this"] = "self",
        ["this.*"] = "state.self.*",
        ["user"] = "self",
        ["user.id"] = "self",
        ["caller"] = "self",
        ["agent_id"] = "self",
        ["self.id"] = "self",
        ["self.name"] = "self",
        ["self.role"] = "agents[self].role",
        ["self.status"] = "agents[self].status",
        ["self.*"] = "state.self.*",
        ["args"] = "params",
        ["arguments"] = "params",
        ["input"] = "params",
        ["inputs"] = "params",
        ["unread"] = "messages.unread",
        ["today"] = "now",
        ["current_timestamp"] = "now",
    }.ToImmutableDictionary();
}
