using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Accounts;

/// <summary>A server that is set up and open to everybody.</summary>
public sealed class AccountsHost : SyncHost
{
    public AccountsHost()
        : this(new LaterClock())
    {
    }

    private AccountsHost(LaterClock clock)
        : base(new() { ["Sync:Registration"] = "open" }, services => services.AddSingleton<TimeProvider>(clock)) => Clock = clock;

    /// <summary>The server's clock, which can be put forward.</summary>
    internal LaterClock Clock { get; }

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

    /// <summary>The person in another browser, signed in a moment ago.</summary>
    internal async Task<Caller> CallerAsync(Person person) =>
        Engine.Users.OfSession((await Engine.Users.StartSessionAsync(person.User.Id, "Test", TestContext.Current.CancellationToken)).Id).Value;

    /// <summary>A new recovery code of a person.</summary>
    internal async Task<string> RecoveryCodeAsync(Person person) =>
        (await Engine.Users.NewRecoveryCodesAsync(await CallerAsync(person), TestContext.Current.CancellationToken)).Value[0];
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
