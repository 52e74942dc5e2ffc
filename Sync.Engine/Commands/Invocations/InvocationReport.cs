using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The answer of an invocation, typed. It is read from the answer's JSON, here beside what writes it: an answer that is given again stands in the log as JSON alone, so there is one way for both.
/// </summary>
public sealed record InvocationReport
{
    /// <summary>Whether nothing was committed.</summary>
    public bool IsDryRun { get; private init; }

    /// <summary>Who acted.</summary>
    public string? Agent { get; private init; }

    /// <summary>The event it made.</summary>
    public long Seq { get; private init; }

    /// <summary>What it wrote.</summary>
    public ImmutableArray<ReportedWrite> Writes { get; private init; } = [];

    /// <summary>The action's result as compact JSON; null when it declares none.</summary>
    public string? Result { get; private init; }

    /// <summary>The value that a registered view has, as compact JSON; null for everything else.</summary>
    public string? Value { get; private init; }

    /// <summary>What the engine advises, in words.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    internal static InvocationReport Read(ReadOnlyMemory<byte> answer)
    {
        using var document = JsonText.ParseStored(answer);
        var root = document.RootElement;
        return new InvocationReport
        {
            IsDryRun = root.TryGetProperty("dry_run"u8, out _),
            Agent = root.TryGetProperty("agent"u8, out var agent) ? agent.GetString() : null,
            Seq = root.TryGetProperty("seq"u8, out var seq) ? seq.GetInt64() : 0,
            Writes = [.. PartsOf(root).SelectMany(static part => part.TryGetProperty("writes"u8, out var writes) ? writes.EnumerateArray().Select(ReportedWrite.Read) : [])],
            Result = Raw(root, "result"u8),
            Value = Raw(root, "value"u8),
            Warnings = [.. PartsOf(root).SelectMany(static part => part.TryGetProperty("warnings"u8, out var warnings) ? warnings.EnumerateArray().Select(Words) : [])],
        };
    }

    // The answer of a batch is made of those of its steps.
    private static IEnumerable<JsonElement> PartsOf(JsonElement root) => root.TryGetProperty("steps"u8, out var steps) ? steps.EnumerateArray() : [root];

    private static string? Raw(JsonElement root, ReadOnlySpan<byte> name) => root.TryGetProperty(name, out var value) ? value.GetRawText() : null;

    private static string Words(JsonElement warning) =>
        warning.ValueKind == JsonValueKind.String ? warning.GetString()!
        : warning.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()!
        : warning.GetRawText();
}

/// <summary>One write of an invocation, as its answer reports it.</summary>
/// <param name="Scope">Where.</param>
/// <param name="Key">Which entry.</param>
public sealed record ReportedWrite(string Scope, string Key)
{
    /// <summary>Whether the entry was removed.</summary>
    public bool IsDeletion { get; private init; }

    /// <summary>Whether it changed nothing: what it was to take away is not there.</summary>
    public bool IsUnchanged { get; private init; }

    /// <summary>Whether what was written is left out, because it is not for the invoker or too long.</summary>
    public bool IsWithheld { get; private init; }

    /// <summary>The whole value as compact JSON, where the answer has it.</summary>
    public string? Value { get; private init; }

    /// <summary>What a combining mode changed, as compact JSON, where the answer has no more.</summary>
    public string? Part { get; private init; }

    /// <summary>Where in the value the part is: a dotted path, or null.</summary>
    public string? Path { get; private init; }

    /// <summary>The place of an appended element, or null.</summary>
    public int? Index { get; private init; }

    /// <summary>The writes that a refusal lists: those that would publish what the invoker keeps private.</summary>
    public static ImmutableArray<ReportedWrite> Of(SyncError error)
    {
        if (error.Details?["writes"] is not JsonArray writes)
        {
            return [];
        }

        return [.. writes.Select(static write =>
        {
            using var document = JsonText.Of(write).Parse();
            return Read(document.RootElement);
        })];
    }

    internal static ReportedWrite Read(JsonElement write) => new(Text(write, "scope"u8) ?? "", Text(write, "key"u8) ?? "")
    {
        IsDeletion = write.TryGetProperty("deleted"u8, out _),
        IsUnchanged = write.TryGetProperty("unchanged"u8, out _),
        IsWithheld = write.TryGetProperty("withheld"u8, out _),
        Value = Raw(write, "value"u8),
        Part = Raw(write, "element"u8) ?? Raw(write, "members"u8) ?? Raw(write, "sum"u8) ?? Raw(write, "set"u8),
        Path = Text(write, "path"u8),
        Index = write.TryGetProperty("index"u8, out var index) ? index.GetInt32() : null,
    };

    private static string? Text(JsonElement write, ReadOnlySpan<byte> name) => write.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static string? Raw(JsonElement write, ReadOnlySpan<byte> name) => write.TryGetProperty(name, out var value) ? value.GetRawText() : null;
}
