using System.CommandLine;
using System.Globalization;
using Sync.Web.Accounts;
using Sync.Web.Http.Answers;

namespace Sync.Web.Commands;

/// <summary><c>user list</c>, <c>admin</c>, <c>passkey-link</c>.</summary>
internal static class UserCommands
{
    public static Command All(Option<string?> data) => new("user", "Users") { List(data), Admin(data), PasskeyLink(data) };

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
                    ["USER", "TOKENS", "ROOMS", "ADMIN", "CREATED"],
                    (await maintenance.ListUsersAsync(cancelled)).Select(user => (string[])
                    [
                        user.Name,
                        user.Tokens.ToString(CultureInfo.InvariantCulture),
                        user.Rooms.ToString(CultureInfo.InvariantCulture),
                        user.IsAdmin ? "yes" : "",
                        WireText.Of(user.CreatedAt),
                    ]));
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command Admin(Option<string?> data)
    {
        var user = new Argument<string>("user") { Description = "The user's name." };
        var off = new Option<bool>("--off") { Description = "No longer an administrator." };
        var command = new Command("admin", "Make a user an administrator of the server; stop the server first") { user, off };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: false,
            async (maintenance, cancelled) =>
            {
                if (!(await maintenance.SetAdminAsync(arguments.GetRequiredValue(user), !arguments.GetValue(off), cancelled)).Try(out var name, out var error))
                {
                    return error;
                }

                Console.WriteLine(name);
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static Command PasskeyLink(Option<string?> data)
    {
        var user = new Argument<string>("user") { Description = "The user's name." };
        var command = new Command("passkey-link", "Print a link with which a user who is locked out makes a new passkey; works once, for a day, and beside a running server") { user };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            options => DataFolder.OpenAsync(
                options,
                create: false,
                async (maintenance, cancelled) =>
                {
                    if (!(await maintenance.MakePasskeyLinkAsync(arguments.GetRequiredValue(user), cancelled)).Try(out var made, out var error))
                    {
                        return error;
                    }

                    Console.WriteLine(AccountPaths.PasskeyLinkFor(options.PublicUrl, made.Secret));
                    await Console.Error.WriteLineAsync($"Give it to {made.Info.UserName} and nobody else: whoever opens it first becomes {made.Info.UserName}.");
                    return 0;
                },
                cancellationToken)));
        return command;
    }
}
