using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Sync.Engine.Services.Context;

namespace Sync.Web.Http.Answers;

/// <summary>
/// The tag of a context: a digest of the query and of every byte of the answer but the reader's own <c>last_heartbeat</c>. Each read sets that one to now, so with it nobody
/// who polls would ever find the room unchanged. The tag is weak (RFC 9110 §8.8.1) since answers with the same tag may differ there.
/// </summary>
internal static class ContextTag
{
    // Room for the tag to be unique without being long.
    private const int Bytes = 18;

    public static EntityTagHeaderValue Of(QueryString query, ReadContext context)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(Encoding.UTF8.GetBytes(query.Value ?? ""));
        digest.AppendData("\n"u8);
        var json = context.Json.Span;
        var (start, end) = context.Self is { } self ? HeartbeatOf(json, self) : (0, 0);
        digest.AppendData(json[..start]);
        digest.AppendData(json[end..]);
        return new EntityTagHeaderValue($"\"{Convert.ToBase64String(digest.GetHashAndReset().AsSpan(0, Bytes))}\"", isWeak: true);
    }

    /// <summary>Whether a request names the tag of what its sender has.</summary>
    public static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));

    // Where agents.SELF.last_heartbeat stands; an empty span where it does not.
    private static (int Start, int End) HeartbeatOf(ReadOnlySpan<byte> json, string self)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 2_000 });
        reader.Read();
        if (!Enter(ref reader, "agents") || !Enter(ref reader, self) || !Find(ref reader, "last_heartbeat"))
        {
            return (0, 0);
        }

        return ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
    }

    private static bool Enter(ref Utf8JsonReader reader, string name) => Find(ref reader, name) && reader.TokenType == JsonTokenType.StartObject;

    // From the beginning of an object to the value of one of its members.
    private static bool Find(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
