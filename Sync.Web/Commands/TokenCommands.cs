using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Sync.Web.Commands;

/// <summary><c>token mint</c>.</summary>
internal static class TokenCommands
{
    public static Command All(Option<string?> data) => new("token", "Tokens") { Mint(data) };

    private static Command Mint(Option<string?> data)
    {
        var user = new Option<string>("--user") { Description = "The user's name; created if need be.", HelpName = "name", Required = true };
        var scope = new Option<string>("--scope") { Description = "What the token may do, such as \"rooms:* create_rooms\".", HelpName = "scope", Required = true };
        var label = new Option<string?>("--label") { Description = "What it is for.", HelpName = "text" };
        var expiresIn = new Option<TimeSpan?>("--expires-in")
        {
            Description = "Seconds until it expires; without it, it lives until revoked.",
            HelpName = "seconds",
            CustomParser = Seconds,
        };
        var command = new Command("mint", "Mint a token and print it alone; a running server honours it at once") { user, scope, label, expiresIn };
        command.SetAction((arguments, cancellationToken) => DataFolder.UseAsync(
            arguments,
            data,
            create: true,
            async (maintenance, cancelled) =>
            {
                var minting = maintenance.MintTokenAsync(
                    arguments.GetRequiredValue(user), arguments.GetRequiredValue(scope), arguments.GetValue(label), arguments.GetValue(expiresIn), cancelled);
                if (!(await minting).Try(out var minted, out var error))
                {
                    return error;
                }

                Console.WriteLine(minted.Secret);
                return 0;
            },
            cancellationToken));
        return command;
    }

    private static TimeSpan? Seconds(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens.Single().Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        result.AddError("--expires-in must be a whole number of seconds.");
        return null;
    }
}
