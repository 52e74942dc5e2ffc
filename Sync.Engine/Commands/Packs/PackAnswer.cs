using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Packs;

/// <summary>
/// What an installation answers beyond the common fields: <c>{pack, version, previous_version?, adds, changes, removes, kept, conflicts, contests, redefinitions, warnings}</c>, lists that are empty left out.
/// Parts are named; their texts are what was sent, or can be read.
/// </summary>
internal static class PackAnswer
{
    public static void WriteTo(Utf8JsonWriter writer, PackInstallation done)
    {
        writer.WriteString("pack"u8, done.Name);
        if (done.Record is { } record)
        {
            writer.WriteString("version"u8, record.Version);
        }

        if (done.Before is { } before)
        {
            writer.WriteString("previous_version"u8, before.Version);
        }

        WriteNames(writer, "adds"u8, done, PackChangeKind.Add);
        WriteNames(writer, "changes"u8, done, PackChangeKind.Change);
        WriteNames(writer, "removes"u8, done, PackChangeKind.Remove);
        WriteNames(writer, "unchanged"u8, done, PackChangeKind.Unchanged);
        WriteStaying(writer, "kept"u8, done, PackChangeKind.Keep);
        WriteStaying(writer, "conflicts"u8, done, PackChangeKind.Conflict);
        WriteContests(writer, done);
        WriteReports(writer, done);
        if (done.Changes.Any(static change => change.Kind == PackChangeKind.Conflict))
        {
            writer.WriteString("hint"u8, "What 'conflicts' names stayed as the room has it. Install again with \"replace\": [\"PART\", …] to have the pack's text there.");
        }
    }

    private static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> field, PackInstallation done, PackChangeKind kind)
    {
        if (!done.Changes.Any(change => change.Kind == kind))
        {
            return;
        }

        writer.WriteStartArray(field);
        foreach (var change in done.Changes.Where(change => change.Kind == kind))
        {
            writer.WriteStringValue(change.Part.Name);
        }

        writer.WriteEndArray();
    }

    private static void WriteStaying(Utf8JsonWriter writer, ReadOnlySpan<byte> field, PackInstallation done, PackChangeKind kind)
    {
        if (!done.Changes.Any(change => change.Kind == kind))
        {
            return;
        }

        writer.WriteStartArray(field);
        foreach (var change in done.Changes.Where(change => change.Kind == kind))
        {
            writer.WriteStartObject();
            writer.WriteString("part"u8, change.Part.Name);
            writer.WriteString("reason"u8, change.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Places that its actions write and others write too, among them others of the pack.
    private static void WriteContests(Utf8JsonWriter writer, PackInstallation done)
    {
        var contested = done.Changes.Where(static change => change.Part.Kind == PackPartKind.Action && change.Kind is PackChangeKind.Add or PackChangeKind.Change)
            .SelectMany(change => done.After.Targets.ContestedBy(change.Part.Key)).DistinctBy(static contest => contest.Target).ToList();
        if (contested.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("contests"u8);
        foreach (var (target, actions) in contested)
        {
            writer.WriteStartObject();
            writer.WriteString("target"u8, target);
            writer.WritePropertyName("actions"u8);
            Model.Actions.WriteTargets.WriteIds(writer, actions);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("help"u8, "contested_actions"u8);
    }

    // What each registration would have said by itself, over the room with all of the pack in it: what one part names another may bring along.
    private static void WriteReports(Utf8JsonWriter writer, PackInstallation done)
    {
        var warnings = new List<JsonObject>();
        var redefinitions = new JsonArray();
        foreach (var (part, effect) in done.Steps.Done)
        {
            if (part is null || effect.Body?.WriteMoreOver is not { } report || done.After.Find(part.Scope, part.Key) is null)
            {
                continue;
            }

            var said = (JsonObject)JsonText.Write((report, done.After), static (writer, t) =>
            {
                writer.WriteStartObject();
                t.report(writer, t.After);
                writer.WriteEndObject();
            }).ToNode()!; // An object.
            foreach (var warning in (said["warnings"] as JsonArray ?? []).OfType<JsonObject>())
            {
                var named = new JsonObject { ["part"] = part.Name };
                foreach (var (name, value) in warning)
                {
                    named[name] = value?.DeepClone();
                }

                warnings.Add(named);
            }

            if (said["redefinition"] is JsonObject redefinition)
            {
                redefinition.Remove("previous_writes");
                redefinition.Insert(0, "part", part.Name);
                redefinitions.Add(redefinition.DeepClone());
            }
        }

        if (redefinitions.Count > 0)
        {
            writer.WritePropertyName("redefinitions"u8);
            redefinitions.WriteTo(writer);
        }

        Warnings.Write(writer, warnings);
    }
}
