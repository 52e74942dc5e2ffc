using System.Diagnostics;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>
/// Makes a large room to look at: on the server named by <c>--server</c> and <c>--token</c>, else on one of its own that stays for <c>--minutes</c>. Prints its links.
/// </summary>
internal static class LargeRoomProbe
{
    public static async Task RunAsync(Report report, ReadOnlyMemory<string> arguments)
    {
        if (ProbeArguments.Read(arguments.Span, "server", "token", "room", "minutes") is not { } given)
        {
            return;
        }

        report.Title("A large room");
        var id = given.Text("room") ?? "tide";
        if (given.Text("server") is { } address)
        {
            await FillAsync(report, new Uri(address), given.Text("token") ?? "", id);
            return;
        }

        if (!File.Exists(ProbeServer.Program))
        {
            report.Note($"Not built: dotnet build -c Release Sync.Web ({ProbeServer.Program})");
            return;
        }

        var minutes = given.Number("minutes", otherwise: 15, max: 600);
        await using var server = await ProbeServer.StartAsync();
        await FillAsync(report, server.Address, server.Token, id);
        report.Note($"token of its owner: {server.Token}");
        report.Note($"The server ends by itself in {minutes} minutes.");
        await Task.Delay(TimeSpan.FromMinutes(minutes));
    }

    private static async Task FillAsync(Report report, Uri server, string token, string id)
    {
        var began = Stopwatch.GetTimestamp();
        using var room = await ArchiveRoom.CreateAsync(server, token, id, RoomSize.Large);
        report.Figure("filled in", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
        report.Note($"read only: {room.Link}");
    }
}
