using Sync.Engine;

namespace Sync.Web.Components.Manage;

/// <summary>A person's passkeys and recovery codes.</summary>
public sealed partial class PasskeysSection
{
    private IReadOnlyList<PasskeyRecord> _passkeys = [];
    private IReadOnlyList<string>? _codes;
    private int _left;
    private string? _renaming;
    private string _name = "";

    private protected override async Task LoadAsync()
    {
        await AskAsync("list", (caller, cancellationToken) => Engine.Users.PasskeysAsync(caller.UserId!, cancellationToken), passkeys => _passkeys = passkeys); // A session has a user, here and below.
        await AskAsync("codes", (caller, cancellationToken) => Engine.Users.RecoveryCodesLeftAsync(caller.UserId!, cancellationToken), left => _left = left);
    }

    private static string IdOf(PasskeyRecord passkey) => Convert.ToHexStringLower(passkey.CredentialId.Span);

    private void Rename(PasskeyRecord passkey)
    {
        _renaming = _renaming == IdOf(passkey) ? null : IdOf(passkey);
        _name = passkey.Name;
    }

    private async Task SaveNameAsync(PasskeyRecord passkey)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Users.RenamePasskeyAsync(caller.UserId!, passkey.CredentialId, _name.Trim(), cancellationToken)))
        {
            _renaming = null;
            await LoadAsync();
        }
    }

    private async Task RemoveAsync(PasskeyRecord passkey)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Users.RemovePasskeyAsync(caller.UserId!, passkey.CredentialId, cancellationToken)))
        {
            await LoadAsync();
        }
    }

    private async Task MakeCodesAsync()
    {
        if (await AskAsync("codes", (caller, cancellationToken) => Engine.Users.NewRecoveryCodesAsync(caller.UserId!, cancellationToken), codes => _codes = codes))
        {
            _left = _codes?.Count ?? 0;
        }
    }
}
