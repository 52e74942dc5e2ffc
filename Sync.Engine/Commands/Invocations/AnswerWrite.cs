using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>One write as an answer reports it; without a value and an edit it was a deletion, which may have found nothing.</summary>
internal sealed record AnswerWrite(string Scope, string Key, JsonText? Value, string? Version, long Revision)
{
    /// <summary>What a combining mode, or a write at a path, has changed.</summary>
    public ValueEdit? Edit { get; init; }

    /// <summary>Whether what was written is left out of the answer, which then says so: it was made of what the invoker may not read, or of a secret.</summary>
    public bool IsWithheld { get; init; }

    /// <summary>Whether the target is closed to the invoker: of such an entry an answer gives scope, key and revision.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether the key, too, is left out: it was made of what the invoker may not read.</summary>
    public bool IsPlaceWithheld { get; init; }

    /// <summary>Whether the scope, too, was chosen by an expression: then it is left out with the key. Otherwise the definition says it.</summary>
    public bool IsScopeChosen { get; init; }

    /// <summary>Whether it changed nothing: what it takes away was not there.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>Whether what was written is left out because the answer would be too long; the key's value can be read.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether it is a new row, whose key is whatever is free when it is written.</summary>
    public bool IsRow { get; init; }

    /// <summary>The private scopes that what is written was made of.</summary>
    public ImmutableArray<string> MadeOf { get; init; } = [];

    /// <summary>The private scopes that its place was chosen from.</summary>
    public ImmutableArray<string> ChosenFrom { get; init; } = [];

    /// <summary>The same for a reader, of something that is not written yet: without what is made of what that reader may not read.</summary>
    public AnswerWrite ShownTo(VisibleScopes reader) => this with
    {
        IsClosed = !reader.Sees(Scope),
        IsWithheld = IsWithheld || !ErrorRedaction.MayRead(reader, MadeOf),
        IsPlaceWithheld = IsPlaceWithheld || !ErrorRedaction.MayRead(reader, ChosenFrom),
    };

    /// <summary>Bytes of what was written, as far as the answer gives it.</summary>
    public long ContentBytes => IsWithheld || IsClosed ? 0 : Math.Max(Value?.Length ?? 0, Edit?.Bytes ?? 0);

    /// <summary>A write that changed part of a value: what it changed, and the whole value where it is short.</summary>
    public static AnswerWrite Of(string scope, string key, ValueEdit edit, JsonText value, string? version, long revision) =>
        value.Length <= Entry.CheapBytes
            ? new AnswerWrite(scope, key, value, version, revision) { Edit = edit }
            : new AnswerWrite(scope, key, Value: null, Version: null, revision) { Edit = edit };

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (IsPlaceWithheld)
        {
            if (!IsScopeChosen)
            {
                writer.WriteString("scope"u8, Scope);
            }

            writer.WriteBoolean("withheld"u8, value: true);
            writer.WriteEndObject();
            return;
        }

        writer.WriteString("scope"u8, Scope);
        writer.WriteString("key"u8, Key);
        if (Value is null && Edit is null)
        {
            writer.WriteBoolean(IsUnchanged ? "unchanged"u8 : "deleted"u8, value: true);
            writer.WriteEndObject();
            return;
        }

        if (IsWithheld)
        {
            writer.WriteBoolean("withheld"u8, value: true);
        }
        else if (IsCut && !IsClosed)
        {
            writer.WriteBoolean("cut"u8, value: true);
        }
        else if (IsUnchanged && !IsClosed)
        {
            writer.WriteString("path"u8, Edit!.Path); // Only what is taken away at a path can have been missing.
        }
        else if (!IsClosed)
        {
            WriteContent(writer);
        }

        if (IsUnchanged)
        {
            writer.WriteBoolean("unchanged"u8, value: true);
        }

        writer.WriteNumber("revision"u8, Revision);
        writer.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        Edit?.WriteFields(writer, isAnswer: true);
        if (Value is { } value)
        {
            writer.WritePropertyName("value"u8);
            value.WriteTo(writer);
            writer.WriteString("version"u8, Version);
        }
    }
}
