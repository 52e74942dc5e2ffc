using Microsoft.AspNetCore.Components;
using Sync.Web.Options;

namespace Sync.Web.Components.Pages;

/// <summary>What Sync is, how to connect, and a room at work. <c>/?room=ID</c> is the older address of a room's page.</summary>
public sealed partial class Home
{
    /// <summary>The room to go to instead.</summary>
    [SupplyParameterFromQuery(Name = "room")]
    public string? Room { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like the options.

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (!string.IsNullOrWhiteSpace(Room))
        {
            // A redirect without a fragment of its own keeps the one in the address, and with it the token.
            Navigation.NavigateTo($"rooms/{Uri.EscapeDataString(Room.Trim())}/dashboard", replace: true);
        }
    }
}
