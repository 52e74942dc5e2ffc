using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Picks an action's leases: keys from what is held, from what other actions name and from the parameters, and what is invoked when one lapses.</summary>
public sealed partial class LeasePicker
{
    private const int MaxOffered = 200;

    private static readonly (string Member, string Label, string Example)[] s_members =
    [
        ("need", "Must hold", "task:${params.id}"),
        ("take", "Takes", "nothing"),
        ("end", "Must hold, and lets go of", "nothing"),
    ];

    private ImmutableArray<ActionModel> _readFrom;
    private List<string> _named = [];

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

    private IEnumerable<string> Keys =>
        Model.Leases.Where(static lease => !lease.Key.StartsWith("paths:", StringComparison.Ordinal)).Select(static lease => lease.Key)
            .Concat(_named)
            .Concat(Parameters.Select(static name => $"${{params.{name}}}"))
            .Append("${key}")
            .Distinct(StringComparer.Ordinal)
            .Take(MaxOffered);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_readFrom != Model.Actions)
        {
            _readFrom = Model.Actions;
            _named = [.. Model.Actions.SelectMany(NamedBy).Distinct(StringComparer.Ordinal).Take(MaxOffered)];
        }
    }

    private static IEnumerable<string> NamedBy(ActionModel action) =>
        JsonLayout.Parse(action.Definition) is { ValueKind: System.Text.Json.JsonValueKind.Object } definition && definition.TryGetProperty("lease", out var lease) && LeaseRule.Of(lease.GetRawText()) is { } rule
            ? LeaseRule.KeysOf(rule)
            : [];

    // What is chosen is offered, whether the room has it yet or not.
    private IEnumerable<string> Actions(string chosen) =>
        Model.Actions.Select(static action => action.Id).Where(static id => !id.StartsWith('_')).Take(MaxOffered).Concat(chosen.Length > 0 ? [chosen] : []).Distinct(StringComparer.Ordinal);

    private Task TellAsync(JsonObject rule, Action change)
    {
        change();
        return TextChanged.InvokeAsync(LeaseRule.Text(rule));
    }
}
