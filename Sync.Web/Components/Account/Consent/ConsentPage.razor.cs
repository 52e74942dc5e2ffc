using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Web.OAuth;

namespace Sync.Web.Components.Account.Consent;

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

    [Inject]
    private IServiceProvider Services { get; set; } = null!; // Set by the framework before anything runs.

    private KnownClients Clients => Services.GetRequiredService<KnownClients>();

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (!IsSignedIn())
        {
            return;
        }

        var query = Http.Request.Query;
        if (!(await Clients.FindAsync(query["client_id"].ToString(), Http.RequestAborted)).Try(out var client, out _refusal))
        {
            _refusal = KnownClients.IsDocument(query["client_id"].ToString()) ? _refusal : new SyncError(ErrorCode.InvalidParameter, KnownClients.GoneForPeople);
            return;
        }

        var redirect = query["redirect_uri"].ToString();
        if (!RedirectUris.Match(client.RedirectUris, redirect) || ReturnAddress.Of(redirect) is not { } address)
        {
            _refusal = new SyncError(ErrorCode.InvalidParameter, $"The address to send you back to is not one of {client.Name}.");
            return;
        }

        if (!Engine.Tokens.Grantable(Caller, RequestedScope.Of(query["scope"])).Try(out var grantable, out _refusal))
        {
            return;
        }

        _offer = new ScopeOffer(grantable, picked: null);
        _request = new ConsentRequest(
            client.Name,
            ClientOrigin.Of(client, Time.GetUtcNow()),
            address,
            [.. query.Where(field => !s_own.Contains(field.Key)).SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")))]);

        // Browsers hold the redirect that answers a form to form-action as well.
        Http.Response.Headers.ContentSecurityPolicy = PagesFeature.PolicyWithForms(address.Source);
    }
}
