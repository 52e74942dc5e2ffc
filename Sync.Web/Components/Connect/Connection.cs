using System.Text;

namespace Sync.Web.Components.Connect;

/// <summary>What a client is told of this server: where it is, which room is meant, with which token. Each text made of it is whole: it works as it is pasted.</summary>
/// <param name="BaseUrl">The server's address, without a slash at its end.</param>
/// <param name="Room">The room's id.</param>
/// <param name="Agent">Whom the token acts as; null for one that only reads.</param>
/// <param name="Token">The token.</param>
public sealed record Connection(string BaseUrl, string Room, string? Agent, string Token)
{
    // Clients put this name before those of the tools, and model APIs take 64 characters for both: mcp__NAME__sync_register_action.
    private const int MaxName = 32;

    /// <summary>The address that MCP clients are given.</summary>
    public string McpUrl => $"{BaseUrl}/mcp";

    /// <summary>What the server is called in a client's list: letters, digits and '-', which every client takes.</summary>
    public string Name => Plain($"sync-{Room}").ToString(0, Math.Min(MaxName, Room.Length + 5)).TrimEnd('-');

    /// <summary>The environment variable for the token, where a client takes it from one.</summary>
    public string Variable => $"{Name.Replace('-', '_').ToUpperInvariant()}_TOKEN";

    /// <summary>The header's value.</summary>
    public string Bearer => $"Bearer {Token}";

    /// <summary>Whether the address is one that mcp-remote takes without being told: https, or this machine.</summary>
    public bool NeedsAllowHttp => new Uri(BaseUrl) is { Scheme: "http" } address && !Http.Pipeline.ServerAddress.IsLoopback(address.Host);

    /// <summary>What to tell the agent, once its client is connected.</summary>
    public string Prompt => Agent is null
        ? $"Read the room \"{Room}\" on Sync with sync_read_context and tell me what goes on in it."
        : $"Work in the room \"{Room}\" on Sync as \"{Agent}\": read it with sync_read_context, say hello with sync_send_message, then do what the room asks of you and wait with sync_wait in between.";

    private static StringBuilder Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            plain.Append(char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-');
        }

        return plain;
    }
}
