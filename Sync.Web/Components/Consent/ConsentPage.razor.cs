using Sync.Engine;

namespace Sync.Web.Components.Consent;

/// <summary>
/// Consent to an OAuth request. The authorization endpoint has checked the request and sends the person here; the form goes back to it with the same
/// parameters and the decision, and it checks again. What this page shows is looked up anew, so a link made by hand shows nothing that is not so.
/// </summary>
public sealed partial class ConsentPage
{
    // The form's own fields: a request that carries them must not answer for the person.
    private static readonly HashSet<string> s_own = new(["decision", ScopeOffer.Field, "__RequestVerificationToken", "_handler"], StringComparer.OrdinalIgnoreCase);

    private ConsentRequest? _request;
    private ScopeOffer? _offer;
    private SyncError? _refusal;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (!IsSignedIn())
        {
            return;
        }

        var query = Http.Request.Query;
        var client = await FindClientAsync(query["client_id"].ToString());
        if (client is null)
        {
            _refusal = new SyncError(ErrorCode.InvalidParameter, "No such client is known here.") { Hint = "The program has to register first." };
            return;
        }

        string? redirect = query["redirect_uri"];
        if (!IsAllowed(client, redirect) || ReturnAddress.Of(redirect) is not { } address)
        {
            _refusal = new SyncError(ErrorCode.InvalidParameter, $"The address to send you back to is not one of {client.Name}.");
            return;
        }

        if (!Engine.Tokens.Grantable(Caller, query["scope"]).Try(out var grantable, out _refusal))
        {
            return;
        }

        _offer = new ScopeOffer(grantable, picked: null);
        _request = new ConsentRequest(
            client.Name,
            Uri.TryCreate(client.Id, UriKind.Absolute, out var id) ? id.Host : null,
            address,
            [.. query.Where(field => !s_own.Contains(field.Key)).SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")))]);

        // Browsers hold the redirect that answers a form to form-action as well.
        Http.Response.Headers.ContentSecurityPolicy = PagesFeature.PolicyWithForms(address.Source);
    }

    private Task<OAuthClient?> FindClientAsync(string id) => Engine.Clients.FindAsync(id, Http.RequestAborted);

    private static bool IsAllowed(OAuthClient client, string? redirect) => client.RedirectUris.Contains(redirect, StringComparer.Ordinal);
}
