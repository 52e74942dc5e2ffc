using System.Collections.Immutable;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Pages;

namespace Sync.Engine.Reads.History;

/// <summary>One event in full, as its reader may see it: each write with the whole value after it and before it.</summary>
public sealed class EventDetails : IJsonAnswer
{
    private readonly RoomEvent _event;
    private readonly VisibleScopes _visible;
    private readonly IReadOnlyDictionary<EntryChange, ChangeValues> _values;
    private readonly JsonText _json;

    internal EventDetails(RoomEvent e, VisibleScopes visible, IReadOnlyDictionary<EntryChange, ChangeValues> values, long bytes)
    {
        _event = e;
        _visible = visible.At(e.Seq);
        _values = values;
        (_json, IsCut) = EventJson.Fit(bytes, e, visible, withValues: true, values);
    }

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
    { By = _event.By };

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
