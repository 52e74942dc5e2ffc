namespace Sync.Web.Components.Account.Consent;

/// <summary>An OAuth request, as the consent page shows it and hands it on.</summary>
/// <param name="ClientName">What the client calls itself.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Return">Where the answer goes.</param>
/// <param name="Fields">The request's parameters, for the form's hidden fields.</param>
internal sealed record ConsentRequest(string ClientName, ClientOrigin Origin, ReturnAddress Return, IReadOnlyList<KeyValuePair<string, string>> Fields);
