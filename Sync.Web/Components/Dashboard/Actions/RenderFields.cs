using System.Collections.Immutable;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>How a member of a render hint is picked.</summary>
internal enum RenderInput
{
    /// <summary>Typed.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>One of the names that the room has.</summary>
    Name,

    /// <summary>Some of them, in an order.</summary>
    Names,
}

/// <summary>A member of a render hint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Label">What its field says.</param>
/// <param name="Input">How it is picked.</param>
/// <param name="Choices">The words of a choice.</param>
internal sealed record RenderField(string Name, string Label, RenderInput Input, params ImmutableArray<string> Choices);

/// <summary>What each type of surface takes, for pickers. The engine's check of render hints says what is wrong with what was typed instead.</summary>
internal static class RenderFields
{
    /// <summary>The types, with what each is called.</summary>
    public static ImmutableArray<(string Type, string Label)> Types { get; } =
    [
        ("metric", "Number or short text"), ("chart", "Chart"), ("array-table", "Table of a list"), ("view-table", "Table of an object, or its fields"), ("view-grid", "Cards"), ("markdown", "Text (Markdown)"),
        ("action-bar", "Buttons of actions"), ("action-form", "Form of an action"), ("action-choice", "Buttons of one parameter"), ("feed", "Messages"), ("watch", "Entries as they change"),
        ("section", "Other views together"), ("json", "JSON"),
    ];

    private static readonly ImmutableArray<RenderField> s_common = [new("label", "Title", RenderInput.Text), new("group", "Heading above", RenderInput.Text), new("order", "Place", RenderInput.Number)];

    private static readonly ImmutableArray<RenderField> s_number = [new("format", "Format", RenderInput.Choice, "number", "percent", "duration", "currency"), new("unit", "Unit", RenderInput.Text)];

    private static readonly ImmutableArray<RenderField> s_rows = [new("columns", "Columns", RenderInput.Names), new("max_rows", "Rows of a page", RenderInput.Number)];

    /// <summary>Every member that some type takes: those that the chosen one does not take go when the type is changed.</summary>
    public static ImmutableHashSet<string> Known { get; } = [.. Types.SelectMany(type => Of(type.Type)).Select(field => field.Name)];

    /// <summary>The members that a type takes, those of every type last.</summary>
    public static ImmutableArray<RenderField> For(string? type) => [.. Of(type), .. s_common];

    private static ImmutableArray<RenderField> Of(string? type) => type switch
    {
        "metric" => [.. s_number, new("color", "Colour", RenderInput.Choice, "green", "red", "amber", "blue", "accent"), new("temporal", "Its course over time", RenderInput.Flag)],
        "chart" => [new("kind", "Drawn as line or bars", RenderInput.Choice, "line", "bar"), .. s_number],
        "array-table" => [.. s_rows, new("layout", "Layout", RenderInput.Choice, "table", "event-log")],
        "view-table" => s_rows,
        "view-grid" => [new("max_rows", "Cards at once", RenderInput.Number)],
        "action-bar" => [new("actions", "Actions", RenderInput.Names)],
        "action-form" => [new("action", "Action", RenderInput.Name)],
        "action-choice" => [new("action", "Action", RenderInput.Name), new("param", "Parameter", RenderInput.Name)],
        "feed" => [new("limit", "Messages at once", RenderInput.Number), new("kinds", "Kinds", RenderInput.Names), new("compose", "With a box to write in", RenderInput.Flag)],
        "watch" => [new("keys", "Entries", RenderInput.Names)],
        "section" => [new("views", "Views", RenderInput.Names)],
        _ => [],
    };
}
