using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;

namespace Sync.Web.Components.Account;

/// <summary>Lets somebody who is locked out make a new passkey. To open it uses nothing up: programs that preview links open them too.</summary>
public sealed partial class PasskeyLink
{
    private UserInfo? _user;
    private SyncError? _refusal;

    /// <summary>The secret of the link.</summary>
    [SupplyParameterFromQuery(Name = "code")]
    public string? Code { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs.

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!; // The page is static.

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync() =>
        _refusal = (await Engine.Users.CheckPasskeyLinkAsync(Code, Http.RequestAborted)).Try(out _user, out var error) ? null : error;
}
