using Sync.Web.Components.Admin;
using Sync.Web.Tests.Accounts;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Components.Admin;

/// <summary>Who is shown the administration, and what it says before its circuit is there.</summary>
public sealed class AdminPageTests(AccountsHost host) : IClassFixture<AccountsHost>
{
    public static TheoryData<string> Addresses => [.. AdminSection.All.Select(static section => "/" + section.Href)];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Page_ForOthersThanAdministrators_IsForbiddenAndSaysTheWaysOut(string address)
    {
        using var person = await host.PersonAsync();

        var reply = await person.Browser.OpenAsync(address);

        Assert.Equal(403, reply.Status);
        Assert.Contains("This page is for administrators", reply.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"rooms\"", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-label=\"Administration\"", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Page_ForAdministrators_IsThere(string address)
    {
        using var browser = new TestBrowser(host);
        await browser.SignInAsync((await host.Engine.Users.FindByNameAsync("first", TestContext.Current.CancellationToken))!); // The host has set it up.

        var reply = await browser.OpenAsync(address);

        Assert.Equal(200, reply.Status);
        Assert.Contains("aria-label=\"Administration\"", reply.Text, StringComparison.Ordinal);
        Assert.Contains("no-store", reply.Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Page_ForNobody_LeadsToSignIn(string address)
    {
        var reply = await host.Client().GetAsync(address);

        Assert.DoesNotContain("aria-label=\"Administration\"", reply.Text, StringComparison.Ordinal);
        Assert.True(reply.Status is 302 or 401 || reply.Text.Contains("sign-in", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KB")]
    [InlineData(150L * 1024 * 1024, "150 MB")]
    [InlineData(long.MaxValue, "8388608 TB")]
    public void Bytes_Always_AreShort(long bytes, string text) => Assert.Equal(text, Bytes.Text(bytes));
}
