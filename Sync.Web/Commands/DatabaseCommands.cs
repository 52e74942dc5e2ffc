using System.CommandLine;
using System.Globalization;

namespace Sync.Web.Commands;

/// <summary><c>backup</c> and <c>check</c>.</summary>
internal static class DatabaseCommands
{
    private const int Unsound = 1;

    public static Command Backup(Option<string?> data)
    {
        var file = new Argument<string>("file") { Description = "The file to write; it must not exist yet." };
        var command = new Command("backup", "Copy the database as of one moment, also while the server runs") { file };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            async (maintenance, cancelled) =>
            {
                if (!(await maintenance.BackupAsync(arguments.GetRequiredValue(file), cancelled)).Try(out var bytes, out var error))
                {
                    return error;
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"));
                return 0;
            },
            cancellationToken));
        return command;
    }

    public static Command Check(Option<string?> data)
    {
        var command = new Command("check", "Check the database and the logs; exit code 1 when something is wrong");
        command.SetAction((arguments, _) => DataFolder.UseAsync(
            arguments,
            data,
            async options =>
            {
                if (!Sync.Engine.Services.Maintenance.Maintenance.Check(options.DataDirectory, options.Limits.Room).Try(out var report, out var error))
                {
                    return error;
                }

                foreach (var problem in report.Problems)
                {
                    await Console.Error.WriteLineAsync(problem);
                }

                foreach (var note in report.Notes)
                {
                    Console.WriteLine(note);
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Rooms} rooms, {report.Events} events, {report.Problems.Count} problems"));
                return report.IsSound ? 0 : Unsound;
            }));
        return command;
    }
}
