using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What an invocation did, or would do: the engine's answer, with what stood there before.</summary>
public sealed record RunReport
{
    /// <summary>Whether nothing was written.</summary>
    public required bool IsPreview { get; init; }

    /// <summary>Who acted.</summary>
    public required string? Agent { get; init; }

    /// <summary>The event it made.</summary>
    public required long Seq { get; init; }

    /// <summary>What it wrote.</summary>
    public required ImmutableArray<RunWrite> Writes { get; init; }

    /// <summary>The action's result as JSON, or null when it declares none.</summary>
    public required string? Result { get; init; }

    /// <summary>What the engine advises.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>What an answer tells, beside what stood there; <paramref name="before"/> is the room before it.</summary>
    public static RunReport Of(InvocationReport answer, RoomPageModel before) => new()
    {
        IsPreview = answer.IsDryRun,
        Agent = answer.Agent,
        Seq = answer.Seq,
        Writes = [.. answer.Writes.Select(write => Write(write, before))],
        Result = answer.Result,
        Warnings = answer.Warnings,
    };

    internal static RunWrite Write(ReportedWrite write, RoomPageModel before)
    {
        var old = before.Entries.FirstOrDefault(entry => entry.Scope == write.Scope && entry.Key == write.Key)?.Value;
        if (write.IsUnchanged)
        {
            return new RunWrite(write.Scope, write.Key, old, old) { IsUnchanged = true };
        }

        if (write.IsDeletion || write.Value is not null)
        {
            return new RunWrite(write.Scope, write.Key, old, write.Value);
        }

        if (write.IsWithheld)
        {
            return new RunWrite(write.Scope, write.Key, old, After: null) { IsHidden = true };
        }

        // Of a long value the answer says what changed in it, and of a place the invoker does not read only that it was written.
        return write.Part is null
            ? new RunWrite(write.Scope, write.Key, Before: null, After: null) { IsHidden = true }
            : new RunWrite(write.Scope, write.Key, Before: null, write.Part) { Part = Location(write) };
    }

    private static string Location(ReportedWrite write) =>
        (write.Path, write.Index) switch
        {
            (null, null) => "members",
            (null, { } index) => string.Create(CultureInfo.InvariantCulture, $"item {index}"),
            ({ } path, null) => path,
            ({ } path, { } index) => string.Create(CultureInfo.InvariantCulture, $"{path}, item {index}"),
        };
}

/// <summary>One write; a null value is "not there".</summary>
/// <param name="Scope">Where.</param>
/// <param name="Key">Which entry.</param>
/// <param name="Before">What stood there, as compact JSON.</param>
/// <param name="After">What stands there now.</param>
public sealed record RunWrite(string Scope, string Key, string? Before, string? After)
{
    /// <summary>Whether nothing is written, since what was to be taken away is not there.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>Whether what is written is not for the invoker to see.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Which part of a long value <see cref="After"/> is; null for the whole value.</summary>
    public string? Part { get; init; }
}
