using System.CommandLine;
using System.Globalization;
using Sync.Web.Http.Answers;

namespace Sync.Web.Commands;

/// <summary><c>room list</c>, <c>export</c>, <c>import</c>, <c>delete</c>.</summary>
internal static class RoomCommands
{
    public static Command All(Option<string?> data) => new("room", "Rooms") { List(data), Export(data), Import(data), Delete(data) };

    private static Command List(Option<string?> data)
    {
        var command = new Command("list", "List the rooms");
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            async (maintenance, cancelled) =>
            {
                TextTable.Write(
                    ["ROOM", "NAME", "JOIN", "MEMBERS", "EVENTS", "CREATED"],
                    (await maintenance.ListRoomsAsync(cancelled)).Select(room => (string[])
                    [
                        room.Id,
                        room.Name ?? "",
                        WireText.Of(room.Join),
                        room.Members.ToString(CultureInfo.InvariantCulture),
                        room.Events.ToString(CultureInfo.InvariantCulture),
                        WireText.Of(room.CreatedAt),
                    ]));
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Export(Option<string?> data)
    {
        var room = new Argument<string>("room") { Description = "The room's id." };
        var file = new Argument<string?>("file") { Description = "The file to write; standard output when left out.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("export", "Write a room, with its whole log, as JSON Lines") { room, file };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            (maintenance, cancelled) => CommandFile.WriteAsync(
                arguments.GetValue(file),
                async output => (await maintenance.ExportRoomAsync(arguments.GetRequiredValue(room), output, cancelled)).Error),
            cancellationToken));
        return command;
    }

    private static Command Import(Option<string?> data)
    {
        var file = new Argument<string>("file") { Description = "What export has written; - is standard input." };
        var asId = new Option<string?>("--as") { Description = "The id to give the room here.", HelpName = "id" };
        var command = new Command("import", "Make a room of an export; stop the server first") { file, asId };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: true,
            async (maintenance, cancelled) =>
            {
                if (!CommandFile.Read(arguments.GetRequiredValue(file)).Try(out var input, out var error))
                {
                    return error;
                }

                await using (input)
                {
                    if (!(await maintenance.ImportRoomAsync(input, arguments.GetValue(asId), cancelled)).Try(out var imported, out error))
                    {
                        return error;
                    }

                    Console.WriteLine(imported.Id);
                    foreach (var name in imported.UnknownMembers)
                    {
                        await Console.Error.WriteLineAsync($"There is no user {name} here; left out as a member.");
                    }
                }

                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Delete(Option<string?> data)
    {
        var room = new Argument<string>("room") { Description = "The room's id." };
        var command = new Command("delete", "Delete a room with every trace of it; stop the server first") { room };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            async (maintenance, cancelled) =>
            {
                if (!(await maintenance.DeleteRoomAsync(arguments.GetRequiredValue(room), cancelled)).Try(out var deleted, out var error))
                {
                    return error;
                }

                Console.WriteLine(deleted);
                return 0;
            },
            cancellationToken));
        return command;
    }
}
