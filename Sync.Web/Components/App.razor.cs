using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Sync.Web.Components.Layout;

namespace Sync.Web.Components;

/// <summary>The document. Pages are interactive unless they carry <c>[ExcludeFromInteractiveRouting]</c>, as those that set cookies do.</summary>
public sealed partial class App : ComponentBase
{
    private string _themeVersion = "";

    [Inject]
    private ThemeSheet Theme { get; set; } = null!; // Set by the framework before anything runs.

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!; // Cascaded to the root component of every request.

    private IComponentRenderMode? Mode => Http.AcceptsInteractiveRouting() ? RenderMode.InteractiveServer : null;

    protected override async Task OnInitializedAsync() => _themeVersion = (await Theme.MadeAsync()).Version;
}
