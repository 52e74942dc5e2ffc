using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Http.Answers;

/// <summary>A room as its readers see it, with its first members; the figures stand beside the rest and are left out where they are not known.</summary>
internal sealed record RoomJson
{
    public required string Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Name { get; init; }

    public required string CreatedAt { get; init; }

    public required string Join { get; init; }

    public required string Access { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Role { get; init; }

    public required IReadOnlyList<RoomMemberJson> Members { get; init; }

    public IReadOnlyList<RoomMemberJson>? Invited { get; init; }

    /// <summary>How many members there are, where not all of them stand here.</summary>
    public int? MembersTotal { get; init; }

    /// <summary>Whether a call that makes a room made it; null elsewhere.</summary>
    public bool? Created { get; init; }

    /// <summary>The pack that a room began with which a call made; null elsewhere.</summary>
    public RoomTemplateJson? Template { get; init; }

    /// <summary>Of a fork that a call made: the event of the other room up to which it was copied.</summary>
    public long? ForkedAt { get; init; }

    /// <summary>What was asked for and is not so; null for nothing.</summary>
    public IReadOnlyList<RoomWarningJson>? Warnings { get; init; }

    public long? Seq { get; init; }

    public int? Agents { get; init; }

    public int? Entries { get; init; }

    public int? Actions { get; init; }

    public int? Views { get; init; }

    public long? Messages { get; init; }

    /// <summary>A room by itself.</summary>
    public static RoomJson Of(RoomInfo info) => Of(info, maxMembers: 1_000);

    /// <summary>A room among many.</summary>
    public static RoomJson InList(RoomInfo info) => Of(info, maxMembers: 50);

    /// <summary>A room among many that a model pays for.</summary>
    public static RoomJson InToolList(RoomInfo info) => Of(info, maxMembers: 5);

    private static RoomJson Of(RoomInfo info, int maxMembers) => new()
    {
        Id = info.Id,
        Name = info.Name,
        CreatedAt = WireText.Of(info.CreatedAt),
        Join = WireText.Of(info.Join),
        Access = WireText.Of(info.Access),
        Role = info.Role is { } role ? WireText.Of(role) : null,
        Members = [.. info.Members.Take(maxMembers).Select(RoomMemberJson.Of)],
        MembersTotal = info.Members.Count > maxMembers ? info.Members.Count : null,
        Invited = info.Invited.Count == 0 ? null : [.. info.Invited.Take(maxMembers).Select(invited => RoomMemberJson.Of(invited))],
        Seq = info.Figures?.Seq,
        Agents = info.Figures?.Agents,
        Entries = info.Figures?.Entries,
        Actions = info.Figures?.Actions,
        Views = info.Figures?.Views,
        Messages = info.Figures?.Messages,
    };
}

/// <summary>The pack that a room began with.</summary>
internal sealed record RoomTemplateJson(string Name, string Version)
{
    public static RoomTemplateJson? Of(RoomTemplate? template) => template is null ? null : new(template.Name, template.Version);
}

internal sealed record RoomWarningJson(string Code, string Message, string Hint);

internal sealed record RoomMemberJson(string User, string Role)
{
    public static RoomMemberJson Of(RoomMember member) => new(member.User, WireText.Of(member.Role));
}

internal sealed record RoomDeletedJson(bool Deleted, string Id);

internal sealed record InvitedJson(bool Invited, string Username, string Room, string Role)
{
    /// <summary>The roles that a call gave; null for none.</summary>
    public static IReadOnlyList<RoomMemberJson>? ListOf(ImmutableArray<MemberInvited> invited) =>
        invited.IsEmpty ? null : [.. invited.Select(static member => new RoomMemberJson(member.UserName, WireText.Of(member.Role)))];
}

internal sealed record ClaimedJson(bool Claimed, string Room, string Role);

/// <summary>A new room with its legacy tokens, shown this once.</summary>
internal sealed record RoomCreatedJson
{
    public required string Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Name { get; init; }

    public required string CreatedAt { get; init; }

    public required string Join { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Role { get; init; }

    public required string Token { get; init; }

    public required string ViewToken { get; init; }

    public IReadOnlyList<RoomMemberJson>? Invited { get; init; }

    public RoomTemplateJson? Template { get; init; }

    public long? ForkedAt { get; init; }

    public static RoomCreatedJson Of(RoomCreated created) => new()
    {
        Id = created.Info.Id,
        Name = created.Info.Name,
        CreatedAt = WireText.Of(created.Info.CreatedAt),
        Join = WireText.Of(created.Info.Join),
        Role = created.Info.Role is { } role ? WireText.Of(role) : null,
        Token = created.RoomToken,
        ViewToken = created.ViewToken,
        Invited = InvitedJson.ListOf(created.Invited),
        Template = RoomTemplateJson.Of(created.Template),
        ForkedAt = created.ForkedAt,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(RoomJson))]
[JsonSerializable(typeof(RoomMemberJson))]
[JsonSerializable(typeof(IReadOnlyList<RoomJson>))]
[JsonSerializable(typeof(RoomCreatedJson))]
[JsonSerializable(typeof(RoomDeletedJson))]
[JsonSerializable(typeof(InvitedJson))]
[JsonSerializable(typeof(ClaimedJson))]
[JsonSerializable(typeof(HealthJson))]
internal sealed partial class ApiJson : JsonSerializerContext;
