using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Leases;

/// <summary>What is said of leases in parameters and definitions, checked.</summary>
internal static class LeaseParams
{
    /// <summary>Bytes of a note.</summary>
    public const int MaxNoteBytes = 2_000;

    /// <summary>Bytes of what is kept to be invoked when a hold ends.</summary>
    public const int MaxLapseBytes = 16 * 1024;

    /// <summary>A key, or the refusal.</summary>
    public static Outcome<string> Key(string key) => Identifiers.CheckName("lease key", key) is { } bad ? bad : key;

    /// <summary>A span; undefined or null for none.</summary>
    public static Outcome<TimeSpan?> Ttl(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return default(Outcome<TimeSpan?>);
        }

        var isNumber = value.ValueKind == JsonValueKind.Number ? value.TryGetDouble(out var ms)
            : double.TryParse(value.ValueKind == JsonValueKind.String ? value.GetString() : null, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out ms);
        return isNumber && ms >= LeaseHold.MinSpan.TotalMilliseconds && ms <= LeaseHold.MaxSpan.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(Math.Floor(ms))
            : new SyncError(ErrorCode.InvalidParam, "'ttl_ms' is a number of milliseconds from 1,000 (a second) to 86,400,000 (a day).")
            {
                Hint = "Leave it out for a lease that lasts as long as you read, wait or act at least every 15 minutes; renew a longer one with _renew.",
            }.With("param", "ttl_ms");
    }

    /// <summary>A note; null for none.</summary>
    public static Outcome<string?> Note(string? note)
    {
        if (note is null || Encoding.UTF8.GetByteCount(note) <= MaxNoteBytes)
        {
            return note;
        }

        return BoundErrors.TooLong("The note of a lease", Encoding.UTF8.GetByteCount(note), MaxNoteBytes) with { Hint = "Write more to an entry, and name its key in the note." };
    }

    /// <summary>A parameter that is a text; null where it is left out.</summary>
    public static string? Text(IReadOnlyDictionary<string, JsonElement> bound, string name) => bound.GetValueOrDefault(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>A list of texts, or one text; undefined or null for none.</summary>
    public static Outcome<ImmutableArray<string>?> Texts(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => default(Outcome<ImmutableArray<string>?>),
        JsonValueKind.String => (ImmutableArray<string>?)[value.GetString()!], // It is a text.
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) =>
            (ImmutableArray<string>?)[.. value.EnumerateArray().Select(static item => item.GetString()!).Distinct(StringComparer.Ordinal)], // As above.
        _ => new SyncError(ErrorCode.InvalidParamType, $"'{name}' is a text or a list of texts.").With("param", name),
    };
}
