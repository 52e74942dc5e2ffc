using Sync.Engine;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>A server that is set up and open to everybody.</summary>
public sealed class AccountsHost : SyncHost
{
    public AccountsHost()
        : base(new() { ["Sync:Registration"] = "open" })
    {
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        using var browser = new TestBrowser(this);
        using var passkey = new SoftwarePasskey();
        var setup = Engine.Users.SetupSecret ?? throw new InvalidOperationException("A new server has a setup link.");
        await browser.OpenAsync("/setup?code=" + setup);
        (await browser.CreateAsync("register", passkey, new { user_name = "first", setup })).AssertOk();
    }

    /// <summary>A new person with a passkey, signed in.</summary>
    internal async Task<Person> PersonAsync(string? name = null)
    {
        name ??= NewName("person");
        var person = new Person(name, new TestBrowser(this), new SoftwarePasskey());
        await person.Browser.OpenAsync("/auth/register");
        (await person.Browser.CreateAsync("register", person.Passkey, new { user_name = name })).AssertOk();
        await person.Browser.OpenAsync("/");
        return person with { User = (await Engine.Users.FindByNameAsync(name, TestContext.Current.CancellationToken))! }; // Registered above.
    }
}

/// <summary>Somebody with a browser and a passkey.</summary>
internal sealed record Person(string Name, TestBrowser Browser, SoftwarePasskey Passkey) : IDisposable
{
    public UserInfo User { get; init; } = null!; // Set before anybody sees it.

    public void Dispose()
    {
        Browser.Dispose();
        Passkey.Dispose();
    }
}
