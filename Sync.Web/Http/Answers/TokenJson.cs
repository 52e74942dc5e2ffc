using System.Text.Json.Serialization;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Services.Tokens;

namespace Sync.Web.Http.Answers;

/// <summary>A token in a list; never a secret. What is not there is null rather than left out, so that the columns are always the same.</summary>
internal sealed record TokenJson
{
    public required string Id { get; init; }

    public required string Scope { get; init; }

    public required string? Label { get; init; }

    public required string? ClientId { get; init; }

    public required string? RoomId { get; init; }

    public required string? AgentId { get; init; }

    public required string? ParentId { get; init; }

    public required string CreatedAt { get; init; }

    public required string? LastUsedAt { get; init; }

    public required string? ExpiresAt { get; init; }

    public required bool Revoked { get; init; }

    public required bool Refreshable { get; init; }

    public static TokenJson Of(TokenInfo info) => new()
    {
        Id = info.Id,
        Scope = info.Scope,
        Label = info.Label,
        ClientId = info.ClientId,
        RoomId = info.RoomId,
        AgentId = info.AgentId,
        ParentId = info.ParentId,
        CreatedAt = WireText.Of(info.CreatedAt),
        LastUsedAt = WireText.OfNullable(info.LastUsedAt),
        ExpiresAt = WireText.OfNullable(info.ExpiresAt),
        Revoked = info.Revoked,
        Refreshable = info.Refreshable,
    };
}

/// <summary>One of a room's own tokens; its secret stands in the answer that makes it and in no other.</summary>
internal sealed record RoomTokenJson
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    /// <summary>The room's page with the token, in the answer that makes a link to read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    public required string? AgentId { get; init; }

    public required bool Private { get; init; }

    public required string? Label { get; init; }

    public required string? MadeBy { get; init; }

    public required string? ParentId { get; init; }

    public required string CreatedAt { get; init; }

    public required string? LastUsedAt { get; init; }

    public required string? ExpiresAt { get; init; }

    public required bool Revoked { get; init; }

    public static RoomTokenJson Of(RoomTokenInfo info) => new()
    {
        Id = info.Id,
        Kind = WireText.Of(info.Kind),
        AgentId = info.Agent,
        Private = info.SeesPrivate,
        Label = info.Label,
        MadeBy = info.MadeBy,
        ParentId = info.ParentId,
        CreatedAt = WireText.Of(info.CreatedAt),
        LastUsedAt = WireText.OfNullable(info.LastUsedAt),
        ExpiresAt = WireText.OfNullable(info.ExpiresAt),
        Revoked = info.Revoked,
    };
}

/// <summary>A new token with its secrets, shown this once.</summary>
internal sealed record TokenMintedJson
{
    public required string Id { get; init; }

    public required string Token { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    public required string Scope { get; init; }

    public required string? Label { get; init; }

    public required string? RoomId { get; init; }

    public required string? AgentId { get; init; }

    public required string? ExpiresAt { get; init; }

    public static TokenMintedJson Of(IssuedToken issued) => new()
    {
        Id = issued.Info.Id,
        Token = issued.Secret,
        RefreshToken = issued.RefreshSecret,
        Scope = issued.Info.Scope,
        Label = issued.Info.Label,
        RoomId = issued.Info.RoomId,
        AgentId = issued.Info.AgentId,
        ExpiresAt = WireText.OfNullable(issued.Info.ExpiresAt),
    };
}

internal sealed record TokenChangedJson
{
    public required string Id { get; init; }

    public required string Scope { get; init; }

    public required string? Label { get; init; }

    public required string PreviousScope { get; init; }
}

internal sealed record RevokedJson(bool Revoked, string Id);

/// <summary>Secrets as OAuth clients expect them (RFC 6749 §5.1).</summary>
internal sealed record BearerTokenJson
{
    public required string AccessToken { get; init; }

    public string TokenType { get; init; } = "Bearer";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpiresIn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    public required string Scope { get; init; }

    public static BearerTokenJson Of(IssuedToken issued) => new()
    {
        AccessToken = issued.Secret,
        ExpiresIn = issued.ExpiresIn is { } life ? (long)life.TotalSeconds : null,
        RefreshToken = issued.RefreshSecret,
        Scope = issued.Info.Scope,
    };
}

internal sealed record DeviceStartedJson
{
    public required string DeviceCode { get; init; }

    public required string UserCode { get; init; }

    public required string VerificationUri { get; init; }

    public required string VerificationUriComplete { get; init; }

    public required long ExpiresIn { get; init; }

    public required long Interval { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(RoomTokenJson))]
[JsonSerializable(typeof(TokenJson))]
[JsonSerializable(typeof(TokenMintedJson))]
[JsonSerializable(typeof(TokenChangedJson))]
[JsonSerializable(typeof(RevokedJson))]
[JsonSerializable(typeof(BearerTokenJson))]
[JsonSerializable(typeof(DeviceStartedJson))]
internal sealed partial class TokenJsonContext : JsonSerializerContext;
