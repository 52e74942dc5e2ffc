using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Users;

public sealed class PasskeyTests
{
    [Fact]
    public async Task AddThenUse_KeepsNameAndDateAndNotesTheUse()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var first = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), first)).Value;
        var second = People.Passkey("phone") with { CreatedAt = first.CreatedAt.AddDays(1) };

        Assert.Null((await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), second, Cancel)).Value.LastUsedAt);
        var used = (await host.Engine.Users.UsePasskeyAsync(ada.Id, second, """{"counter":2}""", Cancel)).Value;

        Assert.Equal((clock.GetUtcNow(), second.CreatedAt, """{"counter":2}"""), (used.LastUsedAt!.Value, used.CreatedAt, used.Data));
        await host.RestartAsync();
        var keys = await host.Engine.Users.PasskeysAsync(ada.Id, Cancel);
        Assert.Equal(["laptop", "phone"], keys.Select(key => key.Name));
        Assert.True(keys[1].CredentialId.Span.SequenceEqual(second.CredentialId.Span));
        Assert.Equal(used with { CredentialId = keys[1].CredentialId }, keys[1]);
        Assert.Equal(ada, await host.Engine.Users.FindByPasskeyAsync(second.CredentialId, Cancel));
        Assert.Null(await host.Engine.Users.FindByPasskeyAsync(new byte[32], Cancel));
    }

    [Fact]
    public async Task Passkeys_OfSomebodyElse_AreOutOfReach()
    {
        await using var host = await StartAsync();
        var hers = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), hers)).Value;
        await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), People.Passkey(), Cancel);
        var ben = await host.ArriveAsync(ada, "ben");

        Assert.Equal("invalid_parameter", (await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ben), hers with { Data = "{}" }, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Users.RenamePasskeyAsync(await host.SignInAsync(ben), hers.CredentialId, "mine", Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Users.RemovePasskeyAsync(await host.SignInAsync(ben), hers.CredentialId, Cancel)).Error!.Code.Name);

        Assert.Contains(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel), key => key.Name == "laptop" && key.Data == hers.Data);
        Assert.Equal("ada", (await host.Engine.Users.FindByPasskeyAsync(hers.CredentialId, Cancel))!.Name);
    }

    [Theory]
    [InlineData("", 32, 10)]
    [InlineData("  ", 32, 10)]
    [InlineData("a\nb", 32, 10)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901", 32, 10)]
    [InlineData("key", 15, 10)]
    [InlineData("key", 1_024, 10)]
    [InlineData("key", 32, 0)]
    [InlineData("key", 32, 16_385)]
    public async Task Add_OutOfBounds_IsRefused(string name, int idLength, int dataLength)
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();

        var outcome = await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), People.Passkey(name, new byte[idLength]) with { Data = new string('1', dataLength) }, Cancel);

        Assert.Equal("invalid_parameter", outcome.Error!.Code.Name);
        Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task Add_TheTwentyFirst_IsRefused_UsingOneIsNot()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;
        for (var index = 1; index < 20; index++)
        {
            Assert.Null((await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), People.Passkey(), Cancel)).Error);
        }

        Assert.Equal("invalid_parameter", (await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), People.Passkey(), Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Users.UsePasskeyAsync(ada.Id, key, "{}", Cancel)).Error);
    }

    [Fact]
    public async Task Add_OneThatIsThere_IsRefused()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;

        Assert.Equal("invalid_parameter", (await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), key with { Data = "{}" }, Cancel)).Error!.Code.Name);
        Assert.Equal(key.Data, Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Data);
    }

    [Fact]
    public async Task Use_OfOneRemovedMeanwhile_BringsItNotBack()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var lost = People.Passkey("lost");
        await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), lost, Cancel);
        await host.Engine.Users.RemovePasskeyAsync(await host.SignInAsync(ada), lost.CredentialId, Cancel);

        Assert.Equal("not_found", (await host.Engine.Users.UsePasskeyAsync(ada.Id, lost, """{"counter":2}""", Cancel)).Error!.Code.Name);
        Assert.Equal("laptop", Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Name);
    }

    [Fact]
    public async Task Use_OfTwoCopiesAtOnce_LetsOneIn()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;

        var outcomes = await Task.WhenAll(Enumerable.Range(2, 4).Select(count => host.Engine.Users.UsePasskeyAsync(ada.Id, key, $$"""{"counter":{{count}}}""", Cancel)));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.All(outcomes.Where(outcome => outcome.Error is not null), outcome => Assert.Equal("invalid_parameter", outcome.Error!.Code.Name));
    }

    [Fact]
    public async Task Rename_Works_WithinBounds()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;

        Assert.Equal("Schlüssel 🔑", (await host.Engine.Users.RenamePasskeyAsync(await host.SignInAsync(ada), key.CredentialId, "Schlüssel 🔑", Cancel)).Value.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Users.RenamePasskeyAsync(await host.SignInAsync(ada), key.CredentialId, "a\u0000b", Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Users.RenamePasskeyAsync(await host.SignInAsync(ada), new byte[32], "x", Cancel)).Error!.Code.Name);
        Assert.Equal("Schlüssel 🔑", Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Name);
    }

    [Fact]
    public async Task Remove_TheLast_IsRefused()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;

        Assert.Equal("last_passkey", (await host.Engine.Users.RemovePasskeyAsync(await host.SignInAsync(ada), key.CredentialId, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Users.RemovePasskeyAsync(await host.SignInAsync(ada), new byte[32], Cancel)).Error!.Code.Name);

        Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task Remove_BothAtOnce_LeavesOne()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        for (var round = 0; round < 10; round++)
        {
            await host.Engine.Users.AddPasskeyAsync(await host.SignInAsync(ada), People.Passkey(), Cancel);
            var keys = await host.Engine.Users.PasskeysAsync(ada.Id, Cancel);
            Assert.Equal(2, keys.Count);

            var caller = await host.SignInAsync(ada);
            var outcomes = await Task.WhenAll(keys.Select(key => Task.Run(() => host.Engine.Users.RemovePasskeyAsync(caller, key.CredentialId, Cancel), Cancel)));

            Assert.Equal("last_passkey", Assert.Single(outcomes, outcome => outcome.Error is not null).Error!.Code.Name);
            Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel));
        }
    }
}
