using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>OAuth clients that other people wrote (folder <c>clients</c>), authorised by a person in a real browser. They need Node and the npm registry; without either they are skipped.</summary>
public sealed class ClientJourney(Browser browser)
{
    private static readonly string[] s_unreachable =
        ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "ENOTCACHED", "UNABLE_TO_GET_ISSUER_CERT", "SELF_SIGNED_CERT_IN_CHAIN"];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly string s_sources = typeof(ClientJourney).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Clients").Value!; // Set by the project.

    [Theory]
    [InlineData("mcp.mjs")]
    [InlineData("openid.mjs")]
    public async Task Client_OfAnotherMaker_CompletesTheWholeFlow(string script)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        Assert.SkipUnless(await HasNodeAsync(limit.Token), "No Node on this machine: install Node 20 or newer");
        // Clients compare the issuer with the address they asked, so the server must know its own.
        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{FreePort()}");
        await using var server = new ServerProcess(("Sync__Demo", "false"), ("ASPNETCORE_URLS", address), ("Sync__PublicUrl", address));
        await server.StartAsync(limit.Token);
        var folder = Directory.CreateTempSubdirectory("sync-clients-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(s_sources))
            {
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            }

            var (code, output) = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder, static _ => Task.CompletedTask, limit.Token);
            Assert.SkipWhen(code != 0 && IsUnreachable(output), $"npm cannot reach its registry, so there are no clients to try: {FirstError(output)}");
            Assert.True(code == 0, output);

            await using var visit = await browser.OpenAsync(new Uri(address));
            await PasskeyDevice.AttachAsync(visit.Page);
            await visit.Page.GotoAsync(await server.SetupLinkAsync(limit.Token));
            await visit.Page.GetByLabel("User name").FillAsync("ada");
            await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
            await visit.Page.WaitForURLAsync("**/manage");
            (code, output) = await RunAsync("node", [script, address], folder, line => line.StartsWith("OPEN ", StringComparison.Ordinal) ? AllowAsync(visit.Page.Context, line["OPEN ".Length..]) : Task.CompletedTask, limit.Token);

            Assert.True(code == 0 && output.Contains("DONE", StringComparison.Ordinal), output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What npm calls a registry that does not answer. Whatever else goes wrong is for somebody to look at.
    private static bool IsUnreachable(string output) => s_unreachable.Any(sign => output.Contains(sign, StringComparison.Ordinal));

    private static string FirstError(string output) => output.Split('\n').FirstOrDefault(line => line.StartsWith("npm", StringComparison.Ordinal)) ?? "no reason given";

    // A page that nobody watches: the browser goes to the client at the end, which is another host.
    private static async Task AllowAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("http://127.0.0.1:*/callback?*");
        await page.CloseAsync();
    }

    private static async Task<bool> HasNodeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (code, output) = await RunAsync("node", ["--version"], new DirectoryInfo(Path.GetTempPath()), static _ => Task.CompletedTask, cancellationToken);
            return code == 0 && int.TryParse(output.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out var major) && major >= 20;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, DirectoryInfo folder, Func<string, Task> heard, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                lines.Add(line);
                await heard(line);
            }

            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, string.Join('\n', lines) + "\n" + await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
