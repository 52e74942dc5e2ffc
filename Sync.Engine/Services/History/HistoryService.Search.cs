using System.Collections.Immutable;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.History;

// Finding words in what a room has and had.
public sealed partial class HistoryService
{
    /// <summary>
    /// <c>{results: [{seq, at, kind, where, agent, action, current?, snippet}], seq, next_before?}</c>: where all words of a text are in messages, state, definitions and the log, newest
    /// first, as far as the caller may read it. <c>next_before</c> is where to go on while there is more to look at, also where nothing was found.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter cursor_reset</c>.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> SearchAsync(Caller caller, string room, string? text, EventCursor? before, int limit, CancellationToken cancellationToken) =>
        (await PassAsync(caller, room, text, before, limit, cancellationToken).ConfigureAwait(false)).Try(out var passed, out var error) ? Answer(passed).Memory : error;

    /// <summary>The newest of the same, for whoever shows them: at most so many.</summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter</c>.</remarks>
    public async Task<Outcome<ImmutableArray<FoundText>>> FindAsync(Caller caller, string room, string? text, int limit, CancellationToken cancellationToken) =>
        (await PassAsync(caller, room, text, before: null, limit, cancellationToken).ConfigureAwait(false)).Try(out var passed, out var error)
            ? passed.Found.Select(FoundText.Read).ToImmutableArray()
            : error;

    private async Task<Outcome<PassedSearch>> PassAsync(Caller caller, string room, string? text, EventCursor? before, int limit, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !SearchWords.Parse(text).Try(out var words, out error)
            || !CountBound.Search.Check("limit", limit).Try(out _, out error))
        {
            return error;
        }

        var state = authorized.Room.Published;
        if (await _cursors.CheckBeforeAsync(authorized, state, before, "before", cancellationToken).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        using var index = await _index.OpenAsync(authorized.Record.Row, cancellationToken).ConfigureAwait(false);
        var pass = new SearchPass(authorized, _store, index, words, limit);
        if (await pass.RunAsync(Math.Min(before?.Seq ?? long.MaxValue, state.Seq + 1), cancellationToken).ConfigureAwait(false) is { } failed)
        {
            return failed;
        }

        return new PassedSearch(pass.Found, state.Seq, pass.Next);
    }

    private static JsonText Answer(PassedSearch passed) => JsonText.Write(passed, static (writer, t) =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("results"u8);
        foreach (var hit in t.Found)
        {
            hit.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteNumber("seq"u8, t.Seq);
        if (t.Next is { } next)
        {
            writer.WriteNumber("next_before"u8, next);
        }

        writer.WriteEndObject();
    });

    // What was found, as of which event, and where to go on.
    private sealed record PassedSearch(IReadOnlyList<JsonText> Found, long Seq, long? Next);
}
