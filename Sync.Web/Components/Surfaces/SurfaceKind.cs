namespace Sync.Web.Components.Surfaces;

/// <summary>How a surface is drawn.</summary>
internal enum SurfaceKind
{
    Metric,
    Markdown,
    Feed,
    ViewTable,
    ArrayTable,
    ViewGrid,
    ActionBar,
    ActionForm,
    ActionChoice,
    Watch,
    Section,
    Json,
    Chart,
}
