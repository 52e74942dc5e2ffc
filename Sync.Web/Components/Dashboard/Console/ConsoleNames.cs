using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Console;

/// <summary>The names an expression may use in a room, for completion: as they are written in an expression.</summary>
internal static class ConsoleNames
{
    private const int Max = 1_500;

    private static readonly string[] s_fixed =
    [
        "state", "views", "agents", "actions", "messages", "self", "now", "owner", "messages.count", "messages.unread", "messages.directed_unread", "messages.to_answer", "approvals", "approvals.pending", "approvals.to_decide", "leases",
        "size(", "has(", "keys(", "values(", "entries(", "all(", "exists(", "exists_one(", "filter(", "map(", "contains(", "startsWith(", "endsWith(", "matches(", "split(", "join(",
        "lowerAscii(", "upperAscii(", "trim(", "replace(", "substring(", "sum(", "min(", "max(", "sort(", "distinct(", "flatten(", "math.greatest(", "math.least(", "math.round(", "timestamp(", "duration(",
        "int(", "double(", "string(", "bool(", "type(", "cel.bind(", "true", "false", "null", "in",
    ];

    /// <summary>All of them as a JSON array; state keys come last, since they may be many.</summary>
    public static string Json(RoomPageModel model) => JsonSerializer.Serialize(Of(model));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Of(RoomPageModel model)
    {
        var names = new List<string>(s_fixed);
        names.AddRange(model.Views.Select(view => Path("views", view.Id)));
        names.AddRange(model.Agents.Select(agent => Path("agents", agent.Id)));
        names.AddRange(model.Actions.Select(action => $"{Path("actions", action.Id)}.available"));
        names.AddRange(model.Leases.Select(lease => Path("leases", lease.Key)));
        if (model.Self is not null)
        {
            names.Add("state.self");
            names.AddRange(model.Entries.Where(entry => entry.Scope == model.Self).Select(entry => Path("state.self", entry.Key)));
        }

        names.AddRange(model.Entries.Select(entry => entry.Scope).Distinct(StringComparer.Ordinal).Select(scope => Path("state", scope)));
        names.AddRange(model.Entries.Select(entry => Path(Path("state", entry.Scope), entry.Key)));
        return [.. names.Distinct(StringComparer.Ordinal).Take(Max)];
    }

    /// <summary>A name under another: by dot where it is an identifier, else quoted in brackets.</summary>
    public static string Path(string root, string name) => root + MemberText.Of(name);
}
