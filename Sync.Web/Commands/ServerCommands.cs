namespace Sync.Web.Commands;

internal static class ServerCommands
{
    public static bool Handles(string[] args) => args is ["never"];
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length);
}
