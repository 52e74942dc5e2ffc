using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// One agent's hold of a key. Its moments are in running time, which stands still while the room is paused. With a <see cref="Ttl"/> it ends so long after it was taken or renewed; without, some time
/// after its holder's last sign of life, which is worked out when it is looked at and written nowhere. Immutable.
/// </summary>
internal sealed record LeaseHold
{
    /// <summary>How long a hold without a span of its own outlives its holder's last sign of life.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(15);

    /// <summary>The longest that any hold lasts without being renewed.</summary>
    public static readonly TimeSpan MaxSpan = TimeSpan.FromHours(24);

    /// <summary>The shortest span that may be asked for.</summary>
    public static readonly TimeSpan MinSpan = TimeSpan.FromSeconds(1);

    /// <summary>The holder.</summary>
    public required string Agent { get; init; }

    /// <summary>Which of the agents that bore the id; see <see cref="AgentRecord.Since"/>.</summary>
    public required long Since { get; init; }

    /// <summary>The event that gave it: whoever knows an older one has lost it since.</summary>
    public required long Fence { get; init; }

    /// <summary>When it was given, by the room's clock.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>From when its span counts, in running time: when it was given, or renewed last.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>How long it lasts; null leaves that to its holder's signs of life.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The paths that it reserves, as patterns; none for most.</summary>
    public ImmutableArray<PathPattern> Patterns { get; init; } = [];

    /// <summary>The same as texts.</summary>
    public ImmutableArray<string> Paths => Patterns.IsEmpty ? [] : [.. Patterns.Select(static path => path.Text)];

    /// <summary>What the holder says of it.</summary>
    public string? Note { get; init; }

    /// <summary>The action that took it.</summary>
    public string? Via { get; init; }

    /// <summary>What is invoked when it ends before its work is done.</summary>
    public LeaseLapse? OnLapse { get; init; }

    /// <summary>The agent that may take it over, because its holder said so; null for nobody.</summary>
    public string? OfferedTo { get; init; }

    /// <summary>Which of the agents that bore that id; null in offers of before.</summary>
    public long? OfferedSince { get; init; }

    /// <summary>Whether its holder had lost the key before, and so has to say which hold it means.</summary>
    public bool NeedsFence { get; init; }

    /// <summary>Since when its clock stands still for decisions that others have to make, in running time; null while it runs.</summary>
    public DateTimeOffset? StoppedAt { get; init; }

    /// <summary>For how many such decisions.</summary>
    public int Stops { get; init; }

    /// <summary>The first moment of running time at which it may end; null while its clock stands still.</summary>
    public DateTimeOffset? FirstEnd => StoppedAt is null ? Began + (Ttl ?? Silence) : null;

    /// <summary>When it ends as things stand, in running time; null while its clock stands still.</summary>
    public DateTimeOffset? EndAt(IPresence presence, RunningClock clock)
    {
        if (StoppedAt is not null)
        {
            return null;
        }

        if (Ttl is { } ttl)
        {
            return Began + ttl;
        }

        var alive = presence.Of(Agent).LastHeartbeat is { } last && clock.OfSign(last) is var sign && sign > Began ? sign : Began;
        return alive - Began < MaxSpan - Silence ? alive + Silence : Began + MaxSpan;
    }

    /// <summary>The hold with its whole span before it again.</summary>
    public LeaseHold Renewed(DateTimeOffset running) => this with { Began = StoppedAt ?? running };

    /// <summary>The hold with its clock standing still for one decision more.</summary>
    public LeaseHold Stop(DateTimeOffset running) => this with { Stops = Stops + 1, StoppedAt = StoppedAt ?? running };

    /// <summary>The hold with one such decision made; its clock goes on with the last of them.</summary>
    public LeaseHold Go(DateTimeOffset running) => StoppedAt is not { } stopped || Stops > 1
        ? this with { Stops = Math.Max(0, Stops - 1) }
        : this with { Stops = 0, StoppedAt = null, Began = Ttl is null ? running : Began + (running - stopped) };

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("agent"u8, Agent);
        writer.WriteNumber("since"u8, Since);
        writer.WriteNumber("fence"u8, Fence);
        writer.WriteString("taken_at"u8, TakenAt.UtcDateTime);
        writer.WriteString("began"u8, Began.UtcDateTime);
        if (Ttl is { } ttl)
        {
            writer.WriteNumber("ttl_ms"u8, (long)ttl.TotalMilliseconds);
        }

        if (!Patterns.IsEmpty)
        {
            AgentRecord.WriteIds(writer, "paths"u8, Paths);
        }

        WriteText(writer, "note"u8, Note);
        WriteText(writer, "via"u8, Via);
        WriteLapse(writer);
        WriteText(writer, "offered_to"u8, OfferedTo);

        if (OfferedSince is { } offered)
        {
            writer.WriteNumber("offered_since"u8, offered);
        }

        if (NeedsFence)
        {
            writer.WriteBoolean("needs_fence"u8, value: true);
        }

        if (StoppedAt is { } stopped)
        {
            writer.WriteString("stopped_at"u8, stopped.UtcDateTime);
            writer.WriteNumber("stops"u8, Stops);
        }

        writer.WriteEndObject();
    }

    private void WriteLapse(Utf8JsonWriter writer)
    {
        if (OnLapse is { } lapse)
        {
            writer.WriteStartObject("on_lapse"u8);
            writer.WriteString("action"u8, lapse.Action);
            writer.WritePropertyName("params"u8);
            lapse.Params.WriteTo(writer);
            WriteText(writer, "version"u8, lapse.Version);
            WriteText(writer, "source"u8, lapse.Source);
            WriteText(writer, "source_version"u8, lapse.SourceVersion);
            writer.WriteEndObject();
        }
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote; null for anything else.</summary>
    public static LeaseHold? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object
            || json.Text("agent"u8) is not { Length: > 0 } agent
            || json.Integer("since"u8) is not { } since
            || json.Integer("fence"u8) is not { } fence
            || json.Moment("taken_at"u8) is not { } taken
            || json.Moment("began"u8) is not { } began)
        {
            return null;
        }

        var ttl = json.Integer("ttl_ms"u8) is { } ms ? TimeSpan.FromMilliseconds(Math.Clamp(ms, MinSpan.TotalMilliseconds, MaxSpan.TotalMilliseconds)) : (TimeSpan?)null;
        return new LeaseHold
        {
            Agent = agent,
            Since = since,
            Fence = fence,
            TakenAt = taken,
            Began = began,
            Ttl = ttl,
            Patterns = json.TryGetProperty("paths"u8, out var paths) && PathPatterns.Read(paths).Try(out var patterns, out _) ? patterns : [],
            Note = json.Text("note"u8),
            Via = json.Text("via"u8),
            OnLapse = json.TryGetProperty("on_lapse"u8, out var lapse) && lapse.ValueKind == JsonValueKind.Object && lapse.Text("action"u8) is { } action && lapse.TryGetProperty("params"u8, out var parameters)
                ? new LeaseLapse(action, JsonText.Of(parameters))
                {
                    Version = lapse.Text("version"u8),
                    Source = lapse.Text("source"u8),
                    SourceVersion = lapse.Text("source_version"u8),
                }
                : null,
            OfferedTo = json.Text("offered_to"u8),
            OfferedSince = json.Integer("offered_since"u8),
            NeedsFence = json.TryGetProperty("needs_fence"u8, out var needs) && needs.ValueKind == JsonValueKind.True,
            StoppedAt = json.Moment("stopped_at"u8),
            Stops = (int)Math.Clamp(json.Integer("stops"u8) ?? 0, 0, int.MaxValue),
        };
    }
}
