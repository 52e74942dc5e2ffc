using System.Text.Json;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Entries;

/// <summary>
/// One cell of the projection. Immutable, so identity means unchanged: memoised views and availability compare references to learn
/// whether what they read has moved.
/// </summary>
internal sealed class Entry
{
    /// <summary>Up to this many bytes a value is short: answers give it as a whole, and its version is made at once.</summary>
    public const int CheapBytes = 4 * 1024;

    private CelBox? _cel;
    private string? _text;
    private Memo<Condition>? _visibility;
    private string? _version;

    public required string Key { get; init; }

    /// <summary>Bytes it counts for in the room.</summary>
    public long Size => SizeOf(Key, Value, Enabled?.Source);

    /// <summary>The same for what is to be an entry.</summary>
    public static long SizeOf(string key, JsonText value, string? enabled) => key.Length + value.Length + (enabled?.Length ?? 0);

    public required JsonText Value { get; init; }

    /// <summary>Proof of read over <see cref="Value"/>. Costs in proportion to the value, so it is made when somebody asks and not at each write.</summary>
    public string Version => _version ??= CanonicalJson.Version(Value);

    /// <summary>The version if it is known already, or is cheap to know; else null.</summary>
    public string? CheapVersion => _version ?? (Value.Length <= CheapBytes ? Version : null);

    /// <summary>The version as far as it is known; null leaves it to whoever asks first.</summary>
    public string? KnownVersion
    {
        get => _version;
        init => _version = value;
    }

    /// <summary>Whether the log holds a deeper value than is shown; see <see cref="JsonRules.MaxShownDepth"/>.</summary>
    public bool IsCut { get; init; }

    /// <summary>What the log holds of the value since it last held the whole of it.</summary>
    public EditTally Edits { get; init; }

    /// <summary>1, 2, 3 … writes of this key since it came to be.</summary>
    public required long Revision { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The event that wrote it last; the end of its history chain.</summary>
    public required long Seq { get; init; }

    public string? Writer { get; init; }

    public string? Via { get; init; }

    /// <summary>Whether a person wrote it in a signed-in browser: some of what persons set only persons undo.</summary>
    public bool ByPerson { get; init; }

    public EntryTimer? Timer { get; init; }

    /// <summary>While this is false the entry is stored but invisible.</summary>
    public Expression? Enabled { get; init; }

    /// <summary>Whether <see cref="Enabled"/> holds, kept per change of what it reads.</summary>
    public Memo<Condition> Visibility => _visibility ?? Interlocked.CompareExchange(ref _visibility, new Memo<Condition>(), comparand: null) ?? _visibility;

    /// <summary>Whether seeing it depends on more than its being there.</summary>
    public bool IsConditional => Timer is not null || Enabled is not null;

    /// <summary>The value for expressions, parsed at first use.</summary>
    public CelValue Cel => (_cel ??= new CelBox(CelValue.ParseJson(Value.Span))).Value;

    /// <summary>
    /// The value for an expression that pays for it: by its length the first time its budget meets the entry, whether or not it lies converted already. A number or a short text costs next
    /// to nothing.
    /// </summary>
    public CelValue Read(CelBudget budget) => budget.ChargeOnce(this, CelBudget.PriceOfJson(Value.Length)) ? Cel : CelBudget.Exceeded;

    /// <summary>The value as text, made at first use: the same string for every page that shows it.</summary>
    public string Text => _text ??= Value.ToString();

    public Entry WithTimer(EntryTimer? timer) => new()
    {
        Key = Key,
        Value = Value,
        KnownVersion = KnownVersion,
        IsCut = IsCut,
        Edits = Edits,
        Revision = Revision,
        UpdatedAt = UpdatedAt,
        Seq = Seq,
        Writer = Writer,
        Via = Via,
        ByPerson = ByPerson,
        Enabled = Enabled,
        Timer = timer,
        _cel = _cel,
    };

    /// <summary>Writes the fields that surround the value, without braces.</summary>
    public void WriteMeta(Utf8JsonWriter writer)
    {
        writer.WriteString("version"u8, Version);
        WriteOrigin(writer);
    }

    /// <summary>The same without the version.</summary>
    public void WriteOrigin(Utf8JsonWriter writer)
    {
        writer.WriteNumber("revision"u8, Revision);
        writer.WriteString("updated_at"u8, UpdatedAt.UtcDateTime);
        writer.WriteNumber("seq"u8, Seq);
        writer.WriteString("writer"u8, Writer);
        writer.WriteString("via"u8, Via);
        if (Timer is not null)
        {
            writer.WritePropertyName("timer"u8);
            Timer.WriteTo(writer);
        }

        if (Enabled is not null)
        {
            writer.WriteString("enabled"u8, Enabled.Source);
        }
    }

    // A struct of more than a word cannot be published atomically; the box can.
    private sealed record CelBox(CelValue Value);
}
