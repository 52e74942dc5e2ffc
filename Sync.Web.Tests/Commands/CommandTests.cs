using System.Diagnostics;
using Sync.Web.Commands;
using Sync.Web.Options;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Commands;

/// <summary>The server's commands, as processes: what they print where, and how they end.</summary>
public sealed class CommandTests(SyncHost host) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sync-commands-").FullName;

    [Fact]
    public async Task TokenMint_BesideARunningServer_PrintsATokenThatWorksAtOnce()
    {
        var user = SyncHost.NewName("minted");

        var result = await RunAsync("token", "mint", "--user", user, "--scope", "rooms:* create_rooms", "--data", host.DataDirectory);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var token = result.Output.TrimEnd('\n');
        Assert.Matches("^tok_[A-Za-z0-9_-]{43}$", token);
        (await host.Client(token).PostAsync("/rooms", new { })).AssertOk(201);
    }

    [Fact]
    public async Task RoomExportAndImport_IntoAnotherFolder_MovesTheRoom()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_send_message", new { body = "moved" })).AssertOk();
        var file = Path.Combine(_folder, "room.jsonl");

        var exported = await RunAsync("room", "export", room.Id, file, "--data", host.DataDirectory);
        var imported = await RunAsync("room", "import", file, "--as", "moved", "--data", _folder);
        var listed = await RunAsync("room", "list", "--data", _folder);

        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Assert.Equal((0, "moved\n"), (imported.ExitCode, imported.Output));
        Assert.Contains("moved", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("check", "--data", _folder)).ExitCode);
        Assert.Equal((0, "moved\n"), (await RunAsync("room", "delete", "moved", "--data", _folder)) is var deleted ? (deleted.ExitCode, deleted.Output) : default);
    }

    [Fact]
    public async Task Backup_BesideARunningServer_IsAWholeDatabase()
    {
        var room = await host.RoomAsync();
        var copy = Path.Combine(_folder, "sync.db");

        var backup = await RunAsync("backup", copy, "--data", host.DataDirectory);

        Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
        Assert.Contains(room.Id, (await RunAsync("room", "list", "--data", _folder)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("check", "--data", _folder)).ExitCode);
    }

    [Fact]
    public async Task UserList_AfterMinting_NamesTheUser()
    {
        await RunAsync("token", "mint", "--user", "ada", "--scope", "rooms:*", "--label", "laptop", "--expires-in", "60", "--data", _folder);

        var result = await RunAsync("user", "list", "--data", _folder);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, result.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Contains("ada", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UserPasskeyLink_BeforeAndAfterSetUp_PrintsALinkAlone()
    {
        await RunAsync("token", "mint", "--user", "ada", "--scope", "rooms:*", "--data", _folder);
        var early = await RunAsync("user", "passkey-link", "ada", "--data", _folder);
        Assert.Equal((1, ""), (early.ExitCode, early.Output));
        Assert.Contains("setup link", early.Error, StringComparison.Ordinal);

        var engine = host.Engine.Users;
        if (engine.SetupSecret is { } setup)
        {
            using var browser = new TestBrowser(host);
            using var passkey = new SoftwarePasskey();
            await browser.OpenAsync("/setup?code=" + setup);
            (await browser.CreateAsync("register", passkey, new { user_name = "first", setup })).AssertOk();
        }

        var unknown = await RunAsync("user", "passkey-link", "nobody-of-that-name", "--data", host.DataDirectory);
        var made = await RunAsync("user", "passkey-link", "first", "--data", host.DataDirectory);

        Assert.Equal(1, unknown.ExitCode);
        Assert.Equal(0, made.ExitCode);
        Assert.Matches("^http://localhost:5080/auth/passkey-link\\?code=key_[A-Za-z0-9_-]{43}\n$", made.Output);
        Assert.Contains("nobody else", made.Error, StringComparison.Ordinal);
        Assert.Equal("first", (await engine.CheckPasskeyLinkAsync(made.Output.Trim()[^47..], TestContext.Current.CancellationToken)).Value.Name);
    }

    [Fact]
    public async Task UserAdmin_OnAndOff_ShowsInTheList()
    {
        await RunAsync("token", "mint", "--user", "ada", "--scope", "rooms:*", "--data", _folder);

        var made = await RunAsync("user", "admin", "ada", "--data", _folder);
        var listed = await RunAsync("user", "list", "--data", _folder);
        await RunAsync("user", "admin", "ada", "--off", "--data", _folder);

        Assert.Equal((0, "ada\n"), (made.ExitCode, made.Output));
        Assert.Contains(" yes ", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" yes ", (await RunAsync("user", "list", "--data", _folder)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UserAdmin_BesideARunningServer_IsRefused()
    {
        var result = await RunAsync("user", "admin", "ada", "--data", host.DataDirectory);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Stop it", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user", "list")]
    [InlineData("user", "admin", "nobody")]
    [InlineData("room", "list")]
    [InlineData("room", "export", "r")]
    [InlineData("room", "delete", "r")]
    [InlineData("check")]
    [InlineData("token", "mint", "--user", "ada")]
    [InlineData("token", "mint", "--user", "ada", "--scope", "rooms")]
    [InlineData("token", "mint", "--user", "ada", "--scope", "rooms:*", "--expires-in", "soon")]
    [InlineData("room", "import", "/nowhere/at/all")]
    [InlineData("rom", "list")]
    public async Task Command_ThatCannotBeDone_SaysSoOnStandardError(params string[] arguments)
    {
        var result = await RunAsync([.. arguments, "--data", Path.Combine(_folder, "empty")]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Room_DeletedBesideARunningServer_IsRefused()
    {
        var room = await host.RoomAsync();

        var result = await RunAsync("room", "delete", room.Id, "--data", host.DataDirectory);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("already using the data folder", result.Error, StringComparison.Ordinal);
        (await room.Owner.GetAsync(room.Path)).AssertOk();
    }

    [Fact]
    public async Task Serve_OnALockedDataFolder_IsOneSentence()
    {
        var result = await RunAsync("--urls", "http://127.0.0.1:0", "--data", host.DataDirectory);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("already using the data folder", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WithADataFolderThatIsAFile_IsOneSentence()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var result = await RunAsync("--urls", "http://127.0.0.1:0", "--data", file);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(file, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_OnATakenPort_IsOneSentence()
    {
        var result = await RunAsync("--urls", host.Address.ToString(), "--data", _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("address already in use", result.Error, StringComparison.Ordinal);
        Assert.Contains("--urls http://localhost:", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://203.0.113.5:5081")]
    [InlineData("https://localhost:5081")]
    public async Task Serve_OnAnAddressThatCannotBe_IsOneSentenceWithWhatToDo(string url)
    {
        var result = await RunAsync("--urls", url, "--data", _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--urls", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
    }

    /// <summary>The framework would ignore it, and the server listen where nobody looks.</summary>
    [Theory]
    [InlineData("--urls http://localhost:6000", "--port", "6000")]
    [InlineData("--urls http://localhost:6000", "--port=6000")]
    [InlineData("--urls http://localhost:6000", "-p", "6000")]
    [InlineData("--urls http://localhost:6000", "--host", "0.0.0.0")]
    [InlineData("did you mean `--urls`?", "--url", "http://localhost:6000")]
    [InlineData("did you mean `--data`?", "--dta", "x")]
    [InlineData("write `--Sync:Demo`", "--Sync__Demo", "false")]
    [InlineData("write `--Sync:PublicUrl`", "--Sync__PublicUrl=http://localhost:6000")]
    [InlineData("help", "--loud", "yes")]
    [InlineData("needs a value", "--urls")]
    [InlineData("belongs to no option", "--data", "x", "surplus")]
    public void Serve_WithAnOptionThatIsNone_NamesTheRightOne(string expected, params string[] arguments) =>
        Assert.Contains(expected, Assert.Single(ServerArguments.Mistakes(arguments)), StringComparison.Ordinal);

    [Theory]
    [InlineData]
    [InlineData("--urls", "http://localhost:1")]
    [InlineData("--URLS=http://localhost:1", "--data=x")]
    [InlineData("--Sync:Demo=false", "--Logging:LogLevel:Default", "Warning")]
    [InlineData("--environment", "Development", "--contentRoot", ".", "--http_ports=81")]
    [InlineData("Sync:Demo=false", "--Sync=", "--Sync:Limits=")]
    public void Serve_WithOptionsThatAreSome_IsNoMistake(params string[] arguments) => Assert.Empty(ServerArguments.Mistakes(arguments));

    [Fact]
    public async Task Serve_WithAnOptionThatIsNone_DoesNotStart()
    {
        var result = await RunAsync("--port", "6000", "--data", _folder);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("`--port` is no option of the server", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    /// <summary>Whoever only meant to see why it does not start is left no room, and no word about one.</summary>
    [Fact]
    public async Task Serve_OnATakenPortWithTheDemo_MakesNoRoom()
    {
        var result = await RunAsync("--urls", host.Address.ToString(), "--data", _folder, "--Sync:Demo=true");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("address already in use", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("demo", (await RunAsync("room", "list", "--data", _folder)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token mint", "help")]
    [InlineData("--scope", "help", "token", "mint")]
    [InlineData("Sync__PublicUrl", "--help")]
    public async Task Help_AsACommandOrAnOption_IsPrinted(string expected, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(expected.Split(' ')[0], result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WithWrongSettings_NamesEach()
    {
        var result = await RunAsync("--Sync:Demo=perhaps", "--Sync:Limits:BodyBytes=1", "--data", _folder);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Sync:Demo", result.Error, StringComparison.Ordinal);
        Assert.Contains("Sync:Limits:BodyBytes", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "token", "mint")]
    [InlineData(true, "--data", "x", "check")]
    [InlineData(true, "--help")]
    [InlineData(false)]
    [InlineData(false, "--urls", "http://localhost:1")]
    [InlineData(false, "--data", "x")]
    [InlineData(false, "--data=x", "--urls=y")]
    public void Arguments_NamingACommand_AreRecognized(bool expected, params string[] arguments) =>
        Assert.Equal(expected, ServerCommands.Handles(arguments));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        process.StartInfo.Environment["Sync__Demo"] = "false";
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
