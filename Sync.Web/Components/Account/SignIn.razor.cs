using Microsoft.AspNetCore.Components;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.Options;

namespace Sync.Web.Components.Account;

/// <summary>Signs in, and leads on to where the person came from.</summary>
public sealed partial class SignIn
{
    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")]
    public string? Return { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!; // The page is static.

    private string RegisterHref => LocalPath.Of(Return) is { } local ? $"auth/register?return={Uri.EscapeDataString(local)}" : "auth/register";

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (!BrowserSession.Of(Http.User, Engine).IsAnonymous)
        {
            Navigation.NavigateTo(AccountPaths.Below(LocalPath.Of(Return) ?? AccountPaths.Manage));
        }
    }
}
