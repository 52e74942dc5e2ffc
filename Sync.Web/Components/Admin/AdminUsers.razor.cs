using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using MudBlazor;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Admin;

/// <summary>The users, and links for those who are locked out.</summary>
public sealed partial class AdminUsers
{
    private static readonly Dictionary<string, UserSort> s_sorts = new(StringComparer.Ordinal)
    {
        [nameof(AdministeredUser.Name)] = UserSort.Name,
        [nameof(AdministeredUser.LastSeenAt)] = UserSort.LastSeen,
        [nameof(AdministeredUser.Sessions)] = UserSort.Sessions,
        [nameof(AdministeredUser.Tokens)] = UserSort.Tokens,
        [nameof(AdministeredUser.Rooms)] = UserSort.Rooms,
        [nameof(AdministeredUser.CreatedAt)] = UserSort.Created,
    };

    private MudDataGrid<AdministeredUser>? _grid;
    private string _search = "";
    private PasskeyLinkMade? _made;
    private SyncError? _refusal;
    private string? _failed;

    [Inject]
    private IJSRuntime Js { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private AntiforgeryStateProvider Antiforgery { get; set; } = null!;

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    private async Task<GridData<AdministeredUser>> ReadAsync(GridState<AdministeredUser> state, CancellationToken cancellationToken)
    {
        var read = await Engine.Administration.UsersAsync(Caller, GridRequest.Of(state, _search, s_sorts, (UserSort.Name, Descending: false)), cancellationToken);
        return read.Try(out var part, out _refusal) ? new GridData<AdministeredUser> { Items = part.Rows, TotalItems = part.Total } : new GridData<AdministeredUser> { Items = [] };
    }

    private Task ReloadAsync() => _grid?.ReloadServerData() ?? Task.CompletedTask;

    private async Task MakeAsync(string user)
    {
        // The link makes its holder that user, so an open browser is not enough: the engine wants a passkey that was shown lately.
        if (await IsConfirmedAsync() && await AskAsync("link", (caller, cancellationToken) => Engine.Administration.MakePasskeyLinkAsync(caller, user, cancellationToken), made => _made = made))
        {
            await ReloadAsync();
        }
    }

    private async Task EndAsync(string user)
    {
        if (await AskAsync("link", (caller, cancellationToken) => Engine.Administration.EndPasskeyLinkAsync(caller, user, cancellationToken)))
        {
            _made = _made?.Info.UserName == user ? null : _made;
            await ReloadAsync();
        }
    }

    private async Task<bool> IsConfirmedAsync()
    {
        _failed = null;
        if (Engine.Users.ConfirmationRefusal(Caller) is null)
        {
            return true;
        }

        (var isDone, _failed) = await PasskeyCeremony.RunAsync(Js, Assets["js/passkeys.js"], "confirm", [], Antiforgery.GetAntiforgeryToken()?.Value, Options.PublicUrl);
        return isDone;
    }
}
