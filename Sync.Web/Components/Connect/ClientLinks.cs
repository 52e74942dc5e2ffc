using System.Text;

namespace Sync.Web.Components.Connect;

/// <summary>Addresses that have a client on the reader's machine add the server by itself, after it has asked.</summary>
internal static class ClientLinks
{
    /// <summary><c>cursor://anysphere.cursor-deeplink/mcp/install</c>: the name, and the server in base64.</summary>
    public static string Cursor(Connection to) =>
        $"cursor://anysphere.cursor-deeplink/mcp/install?name={Uri.EscapeDataString(to.Name)}&config={Uri.EscapeDataString(Convert.ToBase64String(Encoding.UTF8.GetBytes(ClientConfig.CursorLink(to))))}";

    /// <summary><c>vscode:mcp/install</c>: the server with its name, encoded as a whole.</summary>
    public static string VsCode(Connection to) => $"vscode:mcp/install?{Uri.EscapeDataString(ClientConfig.VsCodeServer(to))}";
}
