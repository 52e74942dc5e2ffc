using System.Globalization;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// Writes a context of at most so many bytes. It is written as if it fitted, which nearly every one does, and given up at the first part that does not; then it is written again within bounds,
/// as often as it takes. What the parts of the room are, and what they come to for this reader, is worked out once for all of these. One context, one thread.
/// </summary>
internal sealed class ContextComposer
{
    // A budget's answer is written again while it is too long, since what is cut has to be named.
    private const int MaxAttempts = 8;

    private readonly ContextSource _source;
    private readonly ShownParts _shown;
    private readonly long _whole;
    private readonly long _longest;
    private ContextPlanner? _planner;

    private ContextComposer(ContextSource source, RoomLimits limits, long around)
    {
        var shape = source.Shape;
        var whole = Math.Min(shape.Budget is { } budget ? TokenEstimate.BytesOf(budget) : shape.IsLean ? limits.LeanContextBytes : limits.ContextBytes, limits.AnswerBytes);
        _source = source;
        _shown = new ShownParts(source);
        _whole = Math.Max(whole - around, whole / 2);
        _longest = limits.AnswerBytes - Math.Min(6 * 1024, limits.AnswerBytes / 2);
    }

    /// <summary>Writes a context.</summary>
    /// <param name="source">What it is written from.</param>
    /// <param name="limits">How long it may be, where its reader does not say so.</param>
    /// <param name="around">Bytes of what stands around it.</param>
    /// <returns>
    /// The context, and what it was written from: not all messages need be in it. <c>invalid_parameter</c> for a budget in which not even the names of what is cut have room.
    /// </returns>
    public static Outcome<(JsonText Json, ContextSource Shown)> Compose(ContextSource source, RoomLimits limits, long around = 0)
    {
        var composer = new ContextComposer(source, limits, around);
        return source.Shape.Budget is { } budget ? composer.WithinBudget(budget) : composer.Unbounded() ?? composer.WithinBound();
    }

    /// <summary>Writes what a lobby says: the agents, the two scopes that the standard library keeps roles in, the session.</summary>
    public static LobbyRoom ComposeLobby(ContextSource source, RoomLimits limits) =>
        new ContextWriter(source, new ShownParts(source), Math.Min(limits.LeanContextBytes, limits.AnswerBytes), longest: limits.AnswerBytes / 2, whole: limits.AnswerBytes, planned: null).WriteLobby();

    // As if it fitted; null where it does not, or is a page.
    private (JsonText Json, ContextSource Shown)? Unbounded()
    {
        if (!_source.Shape.PagesLog && _source.Shape is not { Limit: null, After: null })
        {
            return null;
        }

        var writer = new ContextWriter(_source, _shown, _whole, _longest, _whole, planned: null);
        var json = writer.Write();
        return writer.IsOver || json.Length > _whole ? null : (Compacted(json), _source);
    }

    private (JsonText Json, ContextSource Shown) WithinBound()
    {
        // Its own fields, and the names of what was cut.
        var bytes = _whole - Math.Min(6 * 1024, _whole / 2);
        for (var attempt = 1; ; attempt++)
        {
            var (json, writer) = WriteBounded(bytes);
            var over = json.Length - _whole;
            if (over <= 0 || bytes == 0 || attempt >= MaxAttempts)
            {
                return (json, writer.Source);
            }

            bytes = attempt == MaxAttempts - 1 ? 0 : Math.Max(0, bytes - over - (over / 4) - 64);
        }
    }

    // What the notes need is known only when it is written. So it is written again with less room while it is too long, and with more while much is left.
    private Outcome<(JsonText Json, ContextSource Shown)> WithinBudget(int budget)
    {
        var bytes = _whole - Math.Min(6 * 1024, _whole / 4);
        var tooMuch = _whole;
        (JsonText Json, ContextWriter Writer, long Bytes)? best = null;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (json, writer) = WriteBounded(bytes);
            var over = json.Length - _whole;
            if (over <= 0)
            {
                best = best is { } known && known.Json.Length >= json.Length ? best : (json, writer, bytes);
                if (!writer.HasMissing || -over <= _whole / 32)
                {
                    break;
                }

                bytes = Math.Min(bytes - over, (bytes + tooMuch) / 2);
            }
            else if (bytes == 0)
            {
                break;
            }
            else
            {
                tooMuch = Math.Min(tooMuch, bytes);
                bytes = best is { } fitting ? (fitting.Bytes + bytes) / 2
                    : attempt == MaxAttempts - 1 ? 0
                    : Math.Max(0, bytes - over - (over / 4) - 64);
            }

            if (best is { } found && bytes - found.Bytes < 64)
            {
                break;
            }
        }

        return best is { } chosen
            ? (chosen.Json, chosen.Writer.Source)
            : TooSmall(budget, WriteBounded(bytes: 0, hasAllDirected: true).Json.Length);
    }

    private (JsonText Json, ContextWriter Writer) WriteBounded(long bytes, bool hasAllDirected = false)
    {
        _planner ??= new ContextPlanner(_source, _shown);
        var planned = _planner.Plan(bytes, hasAllDirected);
        var writer = new ContextWriter(planned.Source, _shown, bytes, _longest, bytes == 0 ? 0 : _whole, planned);
        return (Compacted(writer.Write()), writer);
    }

    private static SyncError TooSmall(int budget, long needed)
    {
        // What is counted differs by some digits from read to read.
        var minimum = TokenEstimate.TokensOf(needed) + 25;
        return new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"A budget of {budget} tokens is too small for this context: the unread messages to you and your agent, or one part of what is asked for, need more."))
        {
            Hint = string.Create(CultureInfo.InvariantCulture, $"Give a budget of {minimum} or more, or name less in 'only'."),
            Help = "context_shaping",
        }.With("parameter", "budget").With("minimum", minimum);
    }

    private JsonText Compacted(JsonText json) => !_source.Shape.Compact ? json :
        JsonText.Write((json, _source.Shape.Meta), static (writer, t) => CompactContext.Write(writer, t.json, t.Meta));
}
