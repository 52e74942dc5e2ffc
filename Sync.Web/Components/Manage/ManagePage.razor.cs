using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Sync.Web.Components.Manage;

/// <summary>Where a signed-in person manages rooms, tokens, passkeys and themselves. Every section has an address of its own.</summary>
public sealed partial class ManagePage
{
    private static readonly (string Path, string Words)[] s_sections = [("rooms", "Rooms"), ("tokens", "Tokens"), ("passkeys", "Passkeys"), ("notifications", "Notifications"), ("profile", "Profile")];

    /// <summary>The section, from the address.</summary>
    [Parameter]
    public string? Section { get; set; }

    /// <summary>The room, from the address.</summary>
    [Parameter]
    public string? Room { get; set; }

    private string Shown => Room is not null ? "rooms" : Section ?? "rooms";

    private string Title => Room ?? s_sections.FirstOrDefault(section => section.Path == Shown).Words ?? "Manage";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Authentication.AuthenticationStateChanged -= LookAgain;
        base.Dispose(disposing);
    }

    private protected override Task LoadAsync()
    {
        // A session that is ended elsewhere takes its pages along, also those that ask for nothing any more.
        Authentication.AuthenticationStateChanged += LookAgain;
        if (Caller.IsAnonymous)
        {
            SendToSignIn();
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
