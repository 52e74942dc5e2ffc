using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Manage;

namespace Sync.Web.Components.Admin;

/// <summary>Where administrators see who and what is on the server and how it is. Everything shown is asked of the engine in their name, each time.</summary>
public sealed partial class AdminPage
{
    private SyncError? _refusal;

    /// <summary>The section, from the address.</summary>
    [Parameter]
    public string? Section { get; set; }

    // Only while the page is prerendered, whose answer has a status.
    [CascadingParameter]
    private HttpContext? Http { get; set; }

    private AdminSection? Shown => AdminSection.Of(Section);

    private string Title => Shown?.Title ?? "Administration";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Authentication.AuthenticationStateChanged -= LookAgain;
        base.Dispose(disposing);
    }

    private protected override Task LoadAsync()
    {
        Authentication.AuthenticationStateChanged += LookAgain;
        if (Caller.IsAnonymous)
        {
            SendToSignIn();
            return Task.CompletedTask;
        }

        _refusal = Engine.Administration.Refusal(Caller);
        if (_refusal is not null && Http is { Response.HasStarted: false })
        {
            Http.Response.StatusCode = StatusCodes.Status403Forbidden;
        }

        return Task.CompletedTask;
    }

    private void LookAgain(Task<AuthenticationState> changed) => _ = InvokeAsync(() =>
    {
        if (Caller.IsAnonymous)
        {
            SendToSignIn();
        }
    });
}
