using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Http.Answers;

/// <summary>What lists of rooms say of the roles that were given and not taken up: the rooms stand in no list before.</summary>
internal static class PendingInvitationJson
{
    /// <summary>How many wait, where any do.</summary>
    public static void WriteTotal(Utf8JsonWriter writer, IReadOnlyList<RoomInvitation> invitations)
    {
        if (invitations.Count > 0)
        {
            writer.WriteNumber("invitations_total", invitations.Count);
        }
    }

    /// <summary>One of them, in short.</summary>
    public static JsonObject InLobby(RoomInvitation invitation) => new()
    {
        ["room"] = invitation.Room,
        ["name"] = invitation.RoomName,
        ["role"] = WireText.Of(invitation.Role),
        ["invited_by"] = invitation.InvitedBy,
    };
}
