using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// What an answer leaves out because it would not fit, by name, each with the call that gets it. Scopes of the state past a number are one note together, whose query goes on after the last
/// that was named: names must not fill what values were cut for. Following the queries gives everything. One answer, one thread.
/// </summary>
/// <param name="steps">How the surface that asks says calls.</param>
/// <param name="maxNamed">Scopes, and parts too long for any answer, that are named one by one; and so many of those that are not there.</param>
/// <param name="reason">Why what fits no more is cut, where that is worth saying.</param>
internal sealed class Cuts(IStepRenderer steps, int maxNamed = Cuts.MaxNamed, string? reason = null)
{
    /// <summary>What is named one by one, unless somebody says otherwise.</summary>
    public const int MaxNamed = 20;

    private readonly List<Cut> _cuts = [];
    private int _absent;
    private int _named;
    private int _furtherScopes;
    private long _furtherMissing;

    /// <summary>Whether there is any.</summary>
    public bool IsEmpty => _cuts.Count == 0;

    /// <summary>Whether something that the bound left out is among them.</summary>
    public bool HasMissing => _cuts.Exists(static cut => cut.Missing is not null || cut.Bytes is not null);

    /// <summary>How many scopes, counted together, are not named.</summary>
    public int FurtherScopes => _furtherScopes;

    /// <summary>Whether one more scope can be named by itself.</summary>
    public bool CanName => _furtherScopes == 0 && _named < maxNamed;

    /// <summary>Notes a section, or a part of the engine's own, of which something is missing. There are only so many of these.</summary>
    public void Add(string section, long shown, long missing, NextStep query, string? scope = null, string? name = null) =>
        _cuts.Add(new Cut(section, query) { Scope = scope, Name = name, Shown = shown, Missing = missing, Reason = reason });

    /// <summary>Notes a scope of the state; false when it is counted with the others that are not named.</summary>
    public bool TryName(string scope, long shown, long missing, NextStep query)
    {
        if (!CanName)
        {
            CountFurther(missing);
            return false;
        }

        _named++;
        _cuts.Add(new Cut(ContextSection.State.Name(), query) { Scope = scope, Shown = shown, Missing = missing, Reason = reason });
        return true;
    }

    /// <summary>Counts a scope with the others that are not named.</summary>
    public void CountFurther(long missing)
    {
        _furtherScopes++;
        _furtherMissing += missing;
    }

    /// <summary>Notes scopes of the state of which nothing is there, together: their query names them.</summary>
    public void AddScopes(IReadOnlyList<string> scopes, long missing, NextStep query) =>
        _cuts.Add(new Cut(ContextSection.State.Name(), query) { Scope = scopes is [var only] ? only : null, FurtherScopes = scopes.Count > 1 ? scopes.Count : null, Shown = 0, Missing = missing, Reason = reason });

    /// <summary>Notes a part that is longer than any answer, of which its length is all that can be said; false when too many are named already.</summary>
    public bool TryNameLong(string section, string? scope, string name, long bytes, NextStep query)
    {
        if (_named == maxNamed)
        {
            return false;
        }

        _named++;
        _cuts.Add(new Cut(section, query) { Scope = scope, Name = name, Bytes = bytes, Reason = reason });
        return true;
    }

    /// <summary>Notes what was asked for and is not there, or not for this reader. Past a number they are one note together.</summary>
    /// <param name="section">The section.</param>
    /// <param name="scope">Of the state, the scope.</param>
    /// <param name="name">What is not there; null when it is the scope.</param>
    /// <param name="isClosed">Whether it is there, for others.</param>
    /// <param name="didYouMean">What is there under a similar name.</param>
    /// <param name="query">The call that shows it, or what there is.</param>
    public void AddAbsent(string section, string? scope, string? name, bool isClosed, string? didYouMean, NextStep query)
    {
        if (++_absent <= maxNamed)
        {
            _cuts.Add(new Cut(section, query) { Scope = scope, Name = name, Reason = isClosed ? "not_readable" : "absent", DidYouMean = didYouMean });
        }
        else
        {
            _cuts[^1] = _cuts[^1] with { Reason = "absent", Scope = null, Name = null, DidYouMean = null, FurtherAbsent = _absent - maxNamed + 1 };
        }
    }

    /// <summary>Notes the scopes that were counted together, if there are any.</summary>
    public void AddFurther(Func<NextStep> query)
    {
        if (_furtherScopes > 0)
        {
            _cuts.Add(new Cut(ContextSection.State.Name(), query()) { FurtherScopes = _furtherScopes, Shown = 0, Missing = _furtherMissing, Reason = reason });
        }
    }

    /// <summary>The notes as an array.</summary>
    public void WriteNotes(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var cut in _cuts)
        {
            cut.Write(writer, steps);
        }

        writer.WriteEndArray();
    }

    /// <summary>Their queries as an array.</summary>
    public void WriteQueries(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var cut in _cuts)
        {
            writer.WriteStringValue(steps.Query(cut.Query));
        }

        writer.WriteEndArray();
    }

    /// <summary>As <c>elided</c>, if there is any.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        if (!IsEmpty)
        {
            writer.WritePropertyName("elided"u8);
            WriteNotes(writer);
        }
    }

    private sealed record Cut(string Section, NextStep Query)
    {
        public string? Scope { get; init; }

        public string? Name { get; init; }

        public string? Reason { get; init; }

        public string? DidYouMean { get; init; }

        public int? FurtherAbsent { get; init; }

        public int? FurtherScopes { get; init; }

        public long? Shown { get; init; }

        public long? Missing { get; init; }

        public long? Bytes { get; init; }

        public void Write(Utf8JsonWriter writer, IStepRenderer steps)
        {
            writer.WriteStartObject();
            writer.WriteString("section"u8, Section);
            if (Scope is not null)
            {
                writer.WriteString("scope"u8, Scope);
            }

            if (FurtherScopes is { } further)
            {
                writer.WriteNumber("further_scopes"u8, further);
            }

            if (Name is not null)
            {
                writer.WriteString("name"u8, Name);
            }

            if (Reason is not null)
            {
                writer.WriteString("reason"u8, Reason);
            }

            if (DidYouMean is not null)
            {
                writer.WriteString("did_you_mean"u8, DidYouMean);
            }

            if (FurtherAbsent is { } absent)
            {
                writer.WriteNumber("further_absent"u8, absent);
            }

            if (Shown is { } shown)
            {
                writer.WriteNumber("shown"u8, shown);
            }

            if (Missing is { } missing)
            {
                writer.WriteNumber("missing"u8, missing);
            }

            if (Bytes is { } bytes)
            {
                writer.WriteNumber("bytes"u8, bytes);
            }

            writer.WriteString("query"u8, steps.Query(Query));
            writer.WriteEndObject();
        }
    }
}
