using System.CommandLine;
using System.Globalization;
using Sync.Web.Api.Answers;

namespace Sync.Web.Commands;

/// <summary><c>user list</c>.</summary>
internal static class UserCommands
{
    public static Command All(Option<string?> data) => new("user", "Users") { List(data) };

    private static Command List(Option<string?> data)
    {
        var command = new Command("list", "List the users");
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            async (maintenance, cancelled) =>
            {
                TextTable.Write(
                    ["USER", "TOKENS", "ROOMS", "CREATED"],
                    (await maintenance.ListUsersAsync(cancelled)).Select(user => (string[])
                    [
                        user.Name,
                        user.Tokens.ToString(CultureInfo.InvariantCulture),
                        user.Rooms.ToString(CultureInfo.InvariantCulture),
                        Words.Of(user.CreatedAt),
                    ]));
                return 0;
            },
            cancellationToken));
        return command;
    }
}
