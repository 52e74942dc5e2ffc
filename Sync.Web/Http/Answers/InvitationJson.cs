using System.Text.Json.Serialization;
using Sync.Engine.Identity.Invitations;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Http.Answers;

/// <summary>An invitation into a room; its link stands in the answer that makes it and in no other.</summary>
internal sealed record InvitationJson
{
    public required string Id { get; init; }

    public required string? Room { get; init; }

    public required string? Role { get; init; }

    public required string InvitedBy { get; init; }

    public required string CreatedAt { get; init; }

    public required string ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    public static InvitationJson Of(InvitationInfo info) => new()
    {
        Id = info.Id,
        Room = info.Room,
        Role = info.Role is { } role ? WireText.Of(role) : null,
        InvitedBy = info.InvitedBy,
        CreatedAt = WireText.Of(info.CreatedAt),
        ExpiresAt = WireText.Of(info.ExpiresAt),
    };
}

internal sealed record InvitationRevokedJson(bool Revoked, string Id);

/// <summary>A role in a room that its user has not taken up.</summary>
internal sealed record OwnInvitationJson
{
    public required string Room { get; init; }

    public required string? Name { get; init; }

    public required string Role { get; init; }

    public required string? InvitedBy { get; init; }

    public required string At { get; init; }

    public static OwnInvitationJson Of(RoomInvitation invitation) => new()
    {
        Room = invitation.Room,
        Name = invitation.RoomName,
        Role = WireText.Of(invitation.Role),
        InvitedBy = invitation.InvitedBy,
        At = WireText.Of(invitation.At),
    };
}

internal sealed record InvitationAnsweredJson(bool Accepted, string Room, string Role);

internal sealed record MemberRemovedJson(bool Removed, string Username, string Room, string Role);

internal sealed record TransferredJson(bool Transferred, string Username, string Room, string Role);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(InvitationJson))]
[JsonSerializable(typeof(InvitationRevokedJson))]
[JsonSerializable(typeof(OwnInvitationJson))]
[JsonSerializable(typeof(InvitationAnsweredJson))]
[JsonSerializable(typeof(MemberRemovedJson))]
[JsonSerializable(typeof(TransferredJson))]
internal sealed partial class MemberJsonContext : JsonSerializerContext;
