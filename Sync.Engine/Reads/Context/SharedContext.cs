using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// The context of a token that shows single views: the same sections as any, empty but for these views. Written by itself and not by leaving things out of the whole one, so that whatever
/// a context says one day is not said here.
/// </summary>
internal static class SharedContext
{
    /// <summary>Whether a shape asks for more than views as they are now: for the past, the log or messages.</summary>
    public static bool AsksForMore(ContextShape shape) => shape.At is not null || shape.Since is not null || shape.Include != ContextExtras.None;

    public static ReadOnlyMemory<byte> Write(Moment moment, string room, ViewSet views, ContextShape shape, RoomLimits limits, CelBudget budget, IStepRenderer steps)
    {
        var bytes = AnswerSpace.Of(Math.Min(limits.ContextBytes, limits.AnswerBytes));
        var whole = JsonText.Write((moment, room, views, shape, bytes, budget, steps), static (writer, t) => Write(writer, t.moment, t.room, t.views, t.shape, t.bytes, t.budget, t.steps));
        return shape.Compact ? JsonText.Write((whole, shape), static (writer, t) => CompactContext.Write(writer, t.whole, t.shape.Meta)).Memory : whole.Memory;
    }

    private static void Write(Utf8JsonWriter writer, Moment moment, string room, ViewSet views, ContextShape shape, long bytes, CelBudget budget, IStepRenderer steps)
    {
        List<string> cut = [];
        writer.WriteStartObject();
        var sections = shape.NamesSections ? shape.Sections : shape.Sections.Remove(ContextSection.Leases); // Whether any is held is nobody's business here.
        foreach (var section in sections)
        {
            writer.WriteStartObject(section.Name());
            if (section == ContextSection.Views)
            {
                WriteViews(writer, moment, views, new AnswerSpace(bytes), cut, budget);
            }
            else if (section == ContextSection.Messages)
            {
                MessagesJson.WriteFigures(writer, MessageWindow.Empty, self: null, MessageCursor.Start);
                WriteNone(writer, "recent"u8);
            }

            writer.WriteEndObject();
        }

        writer.WriteNull("self"u8);
        writer.WriteStartObject("_context"u8);
        writer.WritePropertyName("sections"u8);
        ContextSections.WriteNames(writer, sections);
        writer.WriteString("depth"u8, ContextDepth.Lean.Name());
        writer.WritePropertyName("shows"u8);
        WriteTargets.WriteIds(writer, views);
        WriteNone(writer, "help"u8);
        WriteCut(writer, cut, room, steps);
        WriteNone(writer, "_expand"u8);
        writer.WriteNumber("seq"u8, moment.State.Seq);
        WriteNone(writer, "attention"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteViews(Utf8JsonWriter writer, Moment moment, ViewSet views, AnswerSpace space, List<string> cut, CelBudget budget)
    {
        foreach (var view in SharedView.Of(new RoomActivation(moment, VisibleScopes.Public, self: null, budget), views))
        {
            var written = JsonText.Write(view, static (writer, view) =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("value"u8);
                view.Value.Json.WriteTo(writer);
                if (view.Description is not null)
                {
                    writer.WriteString("description"u8, view.Description);
                }

                if (view.Render is { } render)
                {
                    writer.WritePropertyName("render"u8);
                    render.WriteTo(writer);
                }

                writer.WriteEndObject();
            });
            if (!space.TryWrite(writer, view.Id, written))
            {
                cut.Add(view.Id);
            }
        }
    }

    // There is no context for a view that does not fit beside the others but a link that shows less; the samples of each can be read.
    private static void WriteCut(Utf8JsonWriter writer, List<string> cut, string room, IStepRenderer steps)
    {
        writer.WriteStartArray("elided"u8);
        foreach (var view in cut)
        {
            writer.WriteStartObject();
            writer.WriteString("section"u8, ContextSection.Views.Name());
            writer.WriteString("view"u8, view);
            writer.WriteString("query"u8, steps.Query(NextStep.ReadSamples(room, view, limit: 1)));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteNone(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartArray(name);
        writer.WriteEndArray();
    }
}
