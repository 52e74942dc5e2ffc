using System.CommandLine;
using Sync.Web.Options;

namespace Sync.Web.Commands;

/// <summary>
/// What whoever has the machine may do besides running the server. Access to the data folder is the authority; no token is asked for. Answers go to standard
/// output, errors to standard error with exit code 1, wrong usage is exit code 1 too.
/// </summary>
internal static class ServerCommands
{
    /// <summary>The option that names the data folder, also when serving.</summary>
    public const string DataOption = "--data";

    private static readonly string[] s_information = ["--help", "-h", "-?", "/?", "--version"];

    /// <summary>Whether the arguments name a command; else they are the server's own settings.</summary>
    public static bool Handles(string[] args)
    {
        var first = 0;
        while (first + 2 < args.Length && args[first] == DataOption)
        {
            first += 2;
        }

        return first < args.Length && (!args[first].StartsWith('-') || s_information.Contains(args[first]));
    }

    /// <summary>Runs a command.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        // What people type first: help, help token.
        if (args is ["help", .. var command])
        {
            args = [.. command, "--help"];
        }

        var arguments = Root().Parse(args);
        if (arguments.Errors.Count == 0)
        {
            return await arguments.InvokeAsync();
        }

        // The library would print its help to standard output, which belongs to the answer.
        return await StartupException.ReportAsync([.. arguments.Errors.Select(error => error.Message), "See --help."]);
    }

    private static RootCommand Root()
    {
        var data = new Option<string?>(DataOption) { Description = "The data folder; else Sync__DataDirectory, else ./data.", HelpName = "folder", Recursive = true };
        return new RootCommand("""
            Sync. Without a command it serves http://localhost:5080.

            Settings are given as --urls http://localhost:6000 or in the environment:
              --urls, ASPNETCORE_URLS   where to listen; links follow, unless Sync__PublicUrl is set
              Sync__PublicUrl           the address in links, such as https://sync.example.org behind a proxy; on localhost it moves the port too
              Sync__DataDirectory       the data folder, as --data
            All of them: docs/operations.md. A public address: docs/deploy.md.
            """)
        {
            data,
            TokenCommands.All(data),
            UserCommands.All(data),
            RoomCommands.All(data),
            DatabaseCommands.Backup(data),
            DatabaseCommands.Check(data),
        };
    }
}
