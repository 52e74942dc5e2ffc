using Microsoft.AspNetCore.Components;
using Sync.Engine.Services;

namespace Sync.Web.Components.Account;

/// <summary>Registers the server's first user. Whether the link is the right one, the engine says again when the passkey is made.</summary>
public sealed partial class Setup
{
    private bool _isOpen;
    private IReadOnlyList<string> _adopted = [];

    /// <summary>The secret of the setup link.</summary>
    [SupplyParameterFromQuery(Name = "code")]
    public string? Code { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs.

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!; // The page is static.

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _isOpen = Engine.Users.IsSetupSecret(Code);
        _adopted = await Engine.Users.RoomsToAdoptAsync(Code, Http.RequestAborted);
    }
}
