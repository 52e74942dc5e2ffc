using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Picks an action's writes: scopes and keys from what the room has, values from the parameters. Everything it does is a change of their JSON.</summary>
public sealed partial class WritesPicker
{
    private const int Max = 40;
    private const int MaxOffered = 200;

    /// <summary>The JSON.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Told the new JSON.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> TextChanged { get; set; }

    /// <summary>Prefix of the fields' ids.</summary>
    [Parameter, EditorRequired]
    public required string Form { get; set; }

    /// <summary>The room.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>The names of the action's parameters.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Parameters { get; set; }

    private IEnumerable<string> Scopes => Model.Entries.Select(entry => entry.Scope).Append("self").Distinct(StringComparer.Ordinal).Take(MaxOffered);

    private IEnumerable<string> Placeholders => Parameters.Select(name => $"${{params.{name}}}").Concat(["${self}", "${now}"]).Take(MaxOffered);

    private IEnumerable<string> Keys(string scope) =>
        Parameters.Select(name => $"${{params.{name}}}").Concat(Model.Entries.Where(entry => entry.Scope == (scope.Length == 0 ? "_shared" : scope)).Select(entry => entry.Key)).Take(MaxOffered);

    private Task TellAsync(JsonArray all, Action change)
    {
        change();
        return TextChanged.InvokeAsync(JsonPick.Text(all));
    }
}
