using Microsoft.JSInterop;

namespace Sync.Web.Components.Shared;

/// <summary>A passkey asked for on a page that has a circuit. The ceremony runs in the browser, against the endpoints that the account pages use; the page only asks for it and looks again.</summary>
internal static class PasskeyCeremony
{
    // People look for their keys; the challenge dies after five minutes.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs it: whether it is done, else a sentence for what went wrong; null where the browser has left.</summary>
    /// <param name="js">The page's browser.</param>
    /// <param name="module">The address of <c>js/passkeys.js</c>.</param>
    /// <param name="ceremony"><c>confirm</c> or <c>add</c>.</param>
    /// <param name="fields">Sent with both steps.</param>
    /// <param name="antiforgery">The page's antiforgery token.</param>
    /// <param name="publicUrl">Where passkeys work.</param>
    public static async Task<(bool IsDone, string? Failed)> RunAsync(IJSRuntime js, string module, string ceremony, Dictionary<string, string> fields, string? antiforgery, string publicUrl)
    {
        try
        {
            await using var browser = await js.InvokeAsync<IJSObjectReference>("import", $"./{module}");
            var failed = await browser.InvokeAsync<string?>("run", s_longest, ceremony, fields, antiforgery ?? "", publicUrl);
            return (failed is null, failed);
        }
        catch (Exception exception) when (exception is JSException or OperationCanceledException)
        {
            return (false, "The browser could not use a passkey.");
        }
        catch (JSDisconnectedException)
        {
            return (false, null);
        }
    }
}
