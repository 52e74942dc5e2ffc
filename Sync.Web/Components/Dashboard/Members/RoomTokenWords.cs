using Sync.Engine.Services.Tokens;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>A room's own tokens in plain words.</summary>
internal static class RoomTokenWords
{
    /// <summary>What one is for.</summary>
    public static string Of(RoomTokenInfo token) => token switch
    {
        { Kind: RoomTokenKind.Room } => "Full access",
        { Agent: { } agent } => $"Acts as {agent}",
        { SeesPrivate: true } => "Reads, private scopes too",
        _ => "Reads",
    };
}
