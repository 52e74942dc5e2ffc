using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Manage;

/// <summary>A person's passkeys and recovery codes.</summary>
public sealed partial class PasskeysSection
{
    private IReadOnlyList<PasskeyRecord> _passkeys = [];
    private IReadOnlyList<string>? _codes;
    private PasskeyLinkInfo? _link;
    private int _left;
    private string? _renaming;
    private string _name = "";
    private string _added = "";
    private string? _failed;
    private bool _waiting;

    [Inject]
    private IJSRuntime Js { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private AntiforgeryStateProvider Antiforgery { get; set; } = null!;

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    private protected override async Task LoadAsync()
    {
        await AskAsync("list", (caller, cancellationToken) => Engine.Users.PasskeysAsync(caller.UserId!, cancellationToken), passkeys => _passkeys = passkeys); // A session has a user, here and below.
        await AskAsync("codes", (caller, cancellationToken) => Engine.Users.RecoveryCodesLeftAsync(caller.UserId!, cancellationToken), left => _left = left);
        await AskAsync("link", (caller, cancellationToken) => Engine.Users.PasskeyLinkAsync(caller, cancellationToken), link => _link = link);
    }

    private static string IdOf(PasskeyRecord passkey) => Convert.ToHexStringLower(passkey.CredentialId.Span);

    private void Rename(PasskeyRecord passkey)
    {
        _renaming = _renaming == IdOf(passkey) ? null : IdOf(passkey);
        _name = passkey.Name;
    }

    private async Task AddAsync()
    {
        var name = _added.Trim();
        if (await ConfirmedAsync() && await RunAsync("add", name.Length == 0 ? [] : new() { ["name"] = name }))
        {
            _added = "";
            await LoadAsync();
        }
    }

    // An open browser is not enough to let somebody else in for good: the engine wants a passkey that was shown lately, so it is asked for first.
    private async Task<bool> ConfirmedAsync()
    {
        if (Caller.IsAnonymous)
        {
            SendToSignIn();
            return false;
        }

        return Engine.Users.ConfirmationRefusal(Caller) is null || await RunAsync("confirm", []);
    }

    private async Task<bool> RunAsync(string ceremony, Dictionary<string, string> fields)
    {
        _waiting = true;
        StateHasChanged();
        (var isDone, _failed) = await PasskeyCeremony.RunAsync(Js, Assets["js/passkeys.js"], ceremony, fields, Antiforgery.GetAntiforgeryToken()?.Value, Options.PublicUrl);
        _waiting = false;
        return isDone;
    }

    private async Task SaveNameAsync(PasskeyRecord passkey)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Users.RenamePasskeyAsync(caller, passkey.CredentialId, _name.Trim(), cancellationToken)))
        {
            _renaming = null;
            await LoadAsync();
        }
    }

    private async Task RemoveAsync(PasskeyRecord passkey)
    {
        if (await ConfirmedAsync() && await AskAsync("list", (caller, cancellationToken) => Engine.Users.RemovePasskeyAsync(caller, passkey.CredentialId, cancellationToken)))
        {
            await LoadAsync();
        }
    }

    private async Task EndLinkAsync()
    {
        if (await AskAsync("link", (caller, cancellationToken) => Engine.Users.EndPasskeyLinkAsync(caller, cancellationToken)))
        {
            await LoadAsync();
        }
    }

    private async Task MakeCodesAsync()
    {
        if (await ConfirmedAsync() && await AskAsync("codes", (caller, cancellationToken) => Engine.Users.NewRecoveryCodesAsync(caller, cancellationToken), codes => _codes = codes))
        {
            _left = _codes?.Count ?? 0;
        }
    }
}
