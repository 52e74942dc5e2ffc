using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// What an answer leaves out because it would not fit, by name, each with the call that gets it. Scopes of the state past a number are one note together, whose query goes on after the last
/// that was named: names must not fill what values were cut for. Following the queries gives everything. One answer, one thread.
/// </summary>
/// <param name="steps">How the surface that asks says calls.</param>
internal sealed class Cuts(IStepRenderer steps)
{
    /// <summary>Scopes, and parts too long for any answer, that are named one by one.</summary>
    public const int MaxNamed = 20;

    private readonly List<Cut> _cuts = [];
    private int _named;
    private int _furtherScopes;
    private long _furtherMissing;

    /// <summary>Whether there is any.</summary>
    public bool IsEmpty => _cuts.Count == 0;

    /// <summary>Whether something that the bound left out is among them.</summary>
    public bool HasMissing => _cuts.Exists(static cut => cut.Missing is not null || cut.Bytes is not null);

    /// <summary>How many scopes, counted together, are not named.</summary>
    public int FurtherScopes => _furtherScopes;

    /// <summary>Notes a section, or a part of the engine's own, of which something is missing. There are only so many of these.</summary>
    public void Add(string section, long shown, long missing, NextStep query, string? scope = null) =>
        _cuts.Add(new Cut(section, query) { Scope = scope, Shown = shown, Missing = missing });

    /// <summary>Notes a scope of the state; false when it is counted with the others that are not named.</summary>
    public bool TryName(string scope, long shown, long missing, NextStep query)
    {
        if (_furtherScopes > 0 || _named == MaxNamed)
        {
            _furtherScopes++;
            _furtherMissing += missing;
            return false;
        }

        _named++;
        _cuts.Add(new Cut(ContextSection.State.Name(), query) { Scope = scope, Shown = shown, Missing = missing });
        return true;
    }

    /// <summary>Notes a part that is longer than any answer, of which its length is all that can be said; false when too many are named already.</summary>
    public bool TryNameLong(string section, string? scope, string name, long bytes, NextStep query)
    {
        if (_named == MaxNamed)
        {
            return false;
        }

        _named++;
        _cuts.Add(new Cut(section, query) { Scope = scope, Name = name, Bytes = bytes });
        return true;
    }

    /// <summary>Notes what the caller left out itself.</summary>
    public void AddUnasked(string section, NextStep query, IReadOnlyList<string>? scopes = null) => _cuts.Add(new Cut(section, query) { Scopes = scopes });

    /// <summary>Notes the scopes that were counted together, if there are any.</summary>
    public void AddFurther(Func<NextStep> query)
    {
        if (_furtherScopes > 0)
        {
            _cuts.Add(new Cut(ContextSection.State.Name(), query()) { FurtherScopes = _furtherScopes, Shown = 0, Missing = _furtherMissing });
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
        // So many names of scopes that nobody asked for.
        private const int MaxScopes = 20;

        public string? Scope { get; init; }

        public string? Name { get; init; }

        public IReadOnlyList<string>? Scopes { get; init; }

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

            if (Scopes is not null)
            {
                writer.WriteStartArray("scopes"u8);
                foreach (var scope in Scopes.Take(MaxScopes))
                {
                    writer.WriteStringValue(scope);
                }

                writer.WriteEndArray();
            }

            if ((FurtherScopes ?? Math.Max(0, (Scopes?.Count ?? 0) - MaxScopes)) is > 0 and var further)
            {
                writer.WriteNumber("further_scopes"u8, further);
            }

            if (Name is not null)
            {
                writer.WriteString("name"u8, Name);
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
