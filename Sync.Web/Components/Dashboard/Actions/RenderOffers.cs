using System.Text.Json;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>The names that a picker of a render hint offers: what the room has, as far as its reader sees it, and the members of the value being previewed.</summary>
internal static class RenderOffers
{
    private const int Max = 300;

    public static IReadOnlyList<string> Of(string member, JsonElement hint, JsonElement value, RoomPageModel model) => [.. Names(member, hint, value, model).Distinct(StringComparer.Ordinal).Take(Max)];

    private static IEnumerable<string> Names(string member, JsonElement hint, JsonElement value, RoomPageModel model) => member switch
    {
        "columns" => TableModel.Of(value, default).Columns.Select(column => column.Key).Where(key => key is not (TableColumn.KeyColumn or TableColumn.ValueColumn)),
        "actions" or "action" => model.Actions.Select(action => action.Id),
        "param" => model.Actions.FirstOrDefault(action => action.Id == hint.Text("action")) is { } chosen ? ParamForm.Of(chosen.Definition).Fields.Select(field => field.Name) : [],
        "views" => model.Views.Where(view => !view.System).Select(view => view.Id),
        "kinds" => model.Messages.Select(message => message.Kind).Concat(["chat", "question", "task"]),
        "keys" => model.Entries.Select(entry => entry.Scope).Distinct(StringComparer.Ordinal).Select(scope => $"{scope}.*").Concat(model.Entries.Select(entry => $"{entry.Scope}.{entry.Key}")),
        _ => [],
    };
}
