using MudBlazor;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Admin;

/// <summary>Signed-in browsers and tokens of everybody.</summary>
public sealed partial class AdminAccess
{
    private static readonly Dictionary<string, CredentialSort> s_sorts = new(StringComparer.Ordinal)
    {
        [nameof(AdministeredCredential.Label)] = CredentialSort.Label,
        [nameof(AdministeredCredential.User)] = CredentialSort.User,
        [nameof(AdministeredCredential.LastUsedAt)] = CredentialSort.LastUsed,
        [nameof(AdministeredCredential.CreatedAt)] = CredentialSort.Created,
        [nameof(AdministeredCredential.ExpiresAt)] = CredentialSort.Expires,
    };

    private MudDataGrid<AdministeredCredential>? _grid;
    private string _search = "";
    private SyncError? _refusal;

    private async Task<GridData<AdministeredCredential>> ReadAsync(GridState<AdministeredCredential> state, CancellationToken cancellationToken)
    {
        var read = await Engine.Administration.CredentialsAsync(Caller, GridRequest.Of(state, _search, s_sorts, (CredentialSort.LastUsed, Descending: true)), cancellationToken);
        return read.Try(out var part, out _refusal) ? new GridData<AdministeredCredential> { Items = part.Rows, TotalItems = part.Total } : new GridData<AdministeredCredential> { Items = [] };
    }

    private Task ReloadAsync() => _grid?.ReloadServerData() ?? Task.CompletedTask;

    private async Task EndAsync(string id)
    {
        if (await AskAsync("end", (caller, cancellationToken) => Engine.Administration.EndCredentialAsync(caller, id, cancellationToken)))
        {
            await ReloadAsync();
        }
    }
}
