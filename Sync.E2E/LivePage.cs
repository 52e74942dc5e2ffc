using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>
/// Pages that a circuit takes over from what the server sent first. What is pressed or typed while that happens may be lost, and no test
/// is about that moment unless it says so.
/// </summary>
internal static class LivePage
{
    /// <summary>Waits until the page's circuit has taken over.</summary>
    public static Task LiveAsync(this IPage page) => page.Locator("main[data-live]").WaitForAsync();

    /// <summary>Goes to a page and waits until it is live.</summary>
    public static async Task OpenAsync(this IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.LiveAsync();
    }

    /// <summary>Loads the page again and waits until it is live.</summary>
    public static async Task OpenAgainAsync(this IPage page)
    {
        await page.ReloadAsync();
        await page.LiveAsync();
    }

    /// <summary>Waits until the page has been led to an address and is live there.</summary>
    public static async Task ArriveAsync(this IPage page, string address)
    {
        await page.WaitForURLAsync(address);
        await page.LiveAsync();
    }
}
