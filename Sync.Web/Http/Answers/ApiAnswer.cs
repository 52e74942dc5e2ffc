using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;
using Sync.Engine.Primitives.Json;

namespace Sync.Web.Http.Answers;

/// <summary>An accepted request's answer: UTF-8 JSON that is written as it is.</summary>
internal readonly record struct ApiAnswer
{
    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The status.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Where the created thing is, or null.</summary>
    public string? Location { get; init; }

    /// <summary>Whether this is the first answer, given again for the same idempotency key.</summary>
    public bool Replayed { get; init; }

    /// <summary>The tag of what a read gives its reader, or null for answers that nobody may keep.</summary>
    public EntityTagHeaderValue? Tag { get; init; }

    /// <summary>Whether the operation has written the response itself.</summary>
    public bool Streamed { get; init; }

    public ApiAnswer()
    {
    }

    /// <summary>What an operation returns that has written the response itself.</summary>
    public static ApiAnswer AlreadyWritten { get; } = new() { Json = default, Streamed = true };

    /// <summary>An answer of the engine.</summary>
    public static ApiAnswer Of(ReadOnlyMemory<byte> json, int status = StatusCodes.Status200OK) => new() { Json = json, Status = status };

    /// <summary>A typed answer of the engine.</summary>
    public static ApiAnswer Of(IJsonAnswer answer, int status = StatusCodes.Status200OK) => Of(answer.Json, status);

    /// <summary>What a reader has already, said by its tag alone.</summary>
    public static ApiAnswer Unchanged(EntityTagHeaderValue tag) => new() { Json = default, Status = StatusCodes.Status304NotModified, Tag = tag };

    /// <summary>An answer of this layer.</summary>
    public static ApiAnswer Of<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        new() { Json = JsonSerializer.SerializeToUtf8Bytes(value, type), Status = status };
}
