using System.Text.Json;

namespace Sync.Engine.Primitives.Json;

/// <summary>Members of an object that may be anything: null where one is not there, or has not the kind that is asked for.</summary>
internal static class StoredMembers
{
    // Later ones are none that anything was written at, and sums with them overflow.
    private const int MaxYear = 9_000;

    public static string? Text(this JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long? Integer(this JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    public static DateTimeOffset? Moment(this JsonElement json, ReadOnlySpan<byte> name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var moment) && moment.Year < MaxYear ? moment : null;
}
