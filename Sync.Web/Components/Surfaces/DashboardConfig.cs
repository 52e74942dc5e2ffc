using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// The older way to say what a room's page shows: the entry <c>_shared._dashboard</c> with <c>title subtitle surfaces tabs default_tab</c>. Its surfaces become views like any other, so that
/// everything after this knows one kind only. A surface is a view's id, or an object: a render hint with <c>view</c> (whose value it shows), or <c>key</c> (<c>scope.key</c> of an entry), or
/// <c>value</c>.
/// </summary>
internal sealed record DashboardConfig
{
    private const int Max = 100;
    private const int MaxTabs = 30;

    public static DashboardConfig None { get; } = new();

    public string? Title { get; private init; }

    public string? Subtitle { get; private init; }

    /// <summary>Its surfaces, in their order.</summary>
    public ImmutableArray<ViewModel> Surfaces { get; private init; } = [];

    /// <summary>Tabs that gather surfaces. Tabs that only name a part of the page are not among them: all parts are there.</summary>
    public ImmutableArray<DashboardTab> Tabs { get; private init; } = [];

    /// <summary>The tab to begin with, or null.</summary>
    public string? DefaultTab { get; private init; }

    public static DashboardConfig Read(RoomPageModel model)
    {
        var entry = model.Entries.FirstOrDefault(candidate => candidate is { Scope: "_shared", Key: "_dashboard" });
        if (entry is null || JsonLayout.Parse(entry.Value) is not { ValueKind: JsonValueKind.Object } config)
        {
            return None;
        }

        var tabs = config.Items("tabs").Take(MaxTabs).Where(tab => tab.ValueKind == JsonValueKind.Object).Select(Tab).Where(tab => !tab.Surfaces.IsEmpty).DistinctBy(tab => tab.Id, StringComparer.Ordinal).ToImmutableArray();
        var surfaces = config.Items("surfaces").Take(Max).Select((surface, index) => View(surface, index, model)).OfType<ViewModel>();
        return new DashboardConfig
        {
            Title = config.Text("title") is { } title ? Clip.OfName(title) : null,
            Subtitle = config.Text("subtitle") is { } subtitle ? Clip.Text(subtitle, Clip.Cell) : null,
            Surfaces = [.. surfaces.DistinctBy(view => view.Id, StringComparer.Ordinal)],
            Tabs = tabs,
            DefaultTab = config.Text("default_tab") is { } name && tabs.Any(tab => tab.Id == name) ? name : tabs.FirstOrDefault()?.Id,
        };
    }

    private static DashboardTab Tab(JsonElement tab)
    {
        var label = tab.Text("label") ?? tab.Text("title") ?? tab.Text("id") ?? "Tab";
        return new DashboardTab(tab.Text("id") ?? label, Clip.OfName(label), [.. tab.Names("surfaces"), .. tab.Names("views")]);
    }

    private static ViewModel? View(JsonElement surface, int index, RoomPageModel model)
    {
        if (surface.ValueKind == JsonValueKind.String)
        {
            var named = Find(model, surface.GetString()!);
            return named is null ? null : named with { Render = named.Render ?? "{}" };
        }

        if (surface.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var hint = JsonObject.Create(surface)!;
        hint["order"] ??= index;
        var source = surface.Text("view");
        var view = source is null ? null : Find(model, source);
        return new ViewModel(
            surface.Text("id") ?? source ?? string.Create(CultureInfo.InvariantCulture, $"_dashboard.{index}"),
            "_shared",
            view?.Expression,
            surface.Text("description") ?? view?.Description,
            view?.Value ?? Entry(surface.Text("key"), model) ?? (surface.Member("value") is { } value ? value.GetRawText() : "null"),
            hint.ToJsonString(),
            System: false,
            source is not null && view is null ? $"There is no view '{source}' now." : view?.Error);
    }

    private static ViewModel? Find(RoomPageModel model, string id) => model.Views.FirstOrDefault(view => view.Id == id);

    private static string? Entry(string? path, RoomPageModel model) =>
        path is null ? null : model.Entries.FirstOrDefault(entry => $"{entry.Scope}.{entry.Key}" == path || (entry.Scope == "_shared" && entry.Key == path))?.Value;
}

/// <summary>A tab of surfaces.</summary>
internal sealed record DashboardTab(string Id, string Label, ImmutableArray<string> Surfaces);
