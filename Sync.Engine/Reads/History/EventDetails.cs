using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Pages;

namespace Sync.Engine.Reads.History;

/// <summary>One event in full, as its reader may see it: each write with the whole value after it and before it, what it followed from and what followed from it.</summary>
public sealed class EventDetails : IJsonAnswer
{
    private readonly RoomEvent _event;
    private readonly VisibleScopes _visible;
    private readonly IReadOnlyDictionary<EntryChange, ChangeValues> _values;
    private readonly JsonText _json;

    // One that followed, at most: names, numbers and a moment.
    private const int FollowerBytes = 1_024;

    internal EventDetails(RoomEvent e, VisibleScopes visible, IReadOnlyDictionary<EntryChange, ChangeValues> values, (List<FollowingEvent> Events, bool More) followed, long bytes)
    {
        var fitting = (int)Math.Clamp(bytes / 2 / FollowerBytes, 1, followed.Events.Count + 1);
        Followed = [.. followed.Events.Take(fitting)];
        HasMoreFollowed = followed.More || Followed.Length < followed.Events.Count;
        var links = JsonText.Write(this, static (writer, details) => details.WriteLinks(writer));
        _event = e;
        _visible = visible.At(e.Seq);
        _values = values;
        (var shown, IsCut) = EventJson.Fit(bytes - links.Length, e, visible, withValues: true, values);

        // Both are compact objects that are not empty.
        _json = JsonText.Trusted([.. shown.Span[..^1], (byte)',', .. links.Span[1..]]);
    }

    /// <summary>Events that followed from it, oldest first.</summary>
    public ImmutableArray<FollowingEvent> Followed { get; }

    /// <summary>Whether more followed than there are in it.</summary>
    public bool HasMoreFollowed { get; }

    /// <summary>What it followed from, the most telling first.</summary>
    public ImmutableArray<Cause> Causes => _event.Because is { } because ? [because, .. _event.AlsoBecause] : [];

    /// <summary>Its steps, where it is one of several: who did what, the engine's own parts without either.</summary>
    public ImmutableArray<(string? Agent, string? Action)> Steps => [.. _event.Steps.Select(step => (step.Action is null ? null : step.Agent ?? _event.Agent, step.Action))];

    /// <summary>Whether the event is too long for an answer: values and parameters are left out.</summary>
    public bool IsCut { get; }

    /// <summary>The event as lists show it.</summary>
    public EventModel Line => new(
        _event.Seq,
        _event.At,
        RoomEventJson.Name(_event.Kind),
        _event.Agent,
        _event.Action,
        _event.Ok,
        IsCut ? null : _event.Error,
        IsCut ? 1 : _event.Count,
        IsCut || IsPrivate ? null : _event.Params?.ToString())
    {
        By = _event.By,
        Because = _event.CauseSeqs is [var cause, ..] ? cause : null,
        Steps = _event.Steps.Length,
    };

    /// <summary>What a refusal said, or null.</summary>
    public string? Message => IsCut ? null : _event.Message;

    /// <summary>Whether its parameters are not for the reader.</summary>
    public bool IsPrivate => !IsCut && EventJson.HidesParams(_event, _visible);

    /// <summary>How many of its writes are not for the reader.</summary>
    public int PrivateWrites => _event.Changes.Count(change => !_visible.Sees(change.Scope));

    /// <summary>Its writes that are for the reader.</summary>
    public ImmutableArray<EventWrite> Writes => [.. _event.Changes.Where(change => _visible.Sees(change.Scope)).Select(WriteOf)];

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => _json.Memory;

    private void WriteLinks(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("followed"u8);
        foreach (var e in Followed)
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, e.Seq);
            writer.WriteString("at"u8, e.At.UtcDateTime);
            writer.WriteString("kind"u8, e.Kind);
            writer.WriteString("agent"u8, e.Agent);
            writer.WriteString("action"u8, e.Action);
            writer.WriteBoolean("ok"u8, e.Ok);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (HasMoreFollowed)
        {
            writer.WriteNumber("next_after"u8, Followed[^1].Seq);
        }

        writer.WriteEndObject();
    }

    private EventWrite WriteOf(EntryChange change)
    {
        var values = IsCut ? default : _values.GetValueOrDefault(change);
        var after = change.Kind != ChangeKind.Put ? null : values.After ?? (!IsCut && change.HoldsValue ? change.Value : null);
        return new EventWrite(change.Scope, change.Key, values.Before?.ToString(), after?.ToString())
        {
            Revision = change.Kind == ChangeKind.Put ? change.Revision : null,
            Version = after is { } value ? CanonicalJson.Version(value) : null,
            IsDeletion = change.Kind == ChangeKind.Delete,
            IsByTimer = change.Fired,
            IsCooldown = change.Kind == ChangeKind.Cooldown,
        };
    }
}

/// <summary>A write of an event.</summary>
/// <param name="Scope">Where.</param>
/// <param name="Key">Which entry.</param>
/// <param name="Before">The value before it as compact JSON; null where there was none.</param>
/// <param name="After">The value after it as compact JSON; null where there is none.</param>
public sealed record EventWrite(string Scope, string Key, string? Before, string? After)
{
    /// <summary>The revision it made, or null.</summary>
    public long? Revision { get; init; }

    /// <summary>The version of the value after it, or null.</summary>
    public string? Version { get; init; }

    /// <summary>Whether it removed the entry.</summary>
    public bool IsDeletion { get; init; }

    /// <summary>Whether a timer made it.</summary>
    public bool IsByTimer { get; init; }

    /// <summary>Whether it is the start of an action's cooldown.</summary>
    public bool IsCooldown { get; init; }
}
