using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>A JSON value with placeholders anywhere in its strings and object keys. One that is exactly a placeholder keeps the type.</summary>
internal abstract class ValueTemplate
{
    /// <summary>The value when it holds no placeholder, else null.</summary>
    public virtual JsonText? Literal => null;

    public abstract IEnumerable<Placeholder> Placeholders { get; }

    /// <summary>The placeholder when the whole value is exactly one, else null.</summary>
    public virtual Placeholder? Single => null;

    /// <summary>The text when the value is text with placeholders, else null.</summary>
    public virtual TextTemplate? Text => null;

    /// <summary>Whether names of members are made by placeholders: then two may become one.</summary>
    public virtual bool HasTemplatedNames => false;

    public abstract void Write(Utf8JsonWriter writer, TemplateInputs inputs);

    public JsonText Expand(TemplateInputs inputs) =>
        Literal ?? JsonText.Write((this, inputs), static (writer, t) => t.Item1.Write(writer, t.inputs));

    public static Outcome<ValueTemplate> Parse(JsonElement json, IReadOnlyCollection<string> parameters, bool withKey = false)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                if (!TextTemplate.Parse(json.GetString()!, parameters, withKey).Try(out var text, out var error))
                {
                    return error;
                }

                return text.Literal is null ? new TextValue(text) : new LiteralValue(JsonText.Of(json));
            case JsonValueKind.Array:
                var items = ImmutableArray.CreateBuilder<ValueTemplate>();
                foreach (var item in json.EnumerateArray())
                {
                    if (!Parse(item, parameters, withKey).Try(out var template, out error))
                    {
                        return error;
                    }

                    items.Add(template);
                }

                return items.All(i => i.Literal is not null) ? new LiteralValue(JsonText.Of(json)) : new ArrayValue(items.ToImmutable());
            case JsonValueKind.Object:
                var members = ImmutableArray.CreateBuilder<(TextTemplate Name, ValueTemplate Value)>();
                foreach (var member in json.EnumerateObject())
                {
                    if (!TextTemplate.Parse(member.Name, parameters, withKey).Try(out var name, out error) || !Parse(member.Value, parameters, withKey).Try(out var value, out error))
                    {
                        return error;
                    }

                    members.Add((name, value));
                }

                return members.All(m => m.Name.Literal is not null && m.Value.Literal is not null)
                    ? new LiteralValue(JsonText.Of(json))
                    : new ObjectValue(members.ToImmutable());
            default:
                return new LiteralValue(JsonText.Of(json));
        }
    }

    private sealed class LiteralValue(JsonText value) : ValueTemplate
    {
        public override JsonText? Literal => value;

        public override IEnumerable<Placeholder> Placeholders => [];

        public override void Write(Utf8JsonWriter writer, TemplateInputs inputs) => value.WriteTo(writer);
    }

    private sealed class TextValue(TextTemplate text) : ValueTemplate
    {
        public override TextTemplate Text => text;

        public override IEnumerable<Placeholder> Placeholders => text.Placeholders;

        public override Placeholder? Single => text.Single;

        public override void Write(Utf8JsonWriter writer, TemplateInputs inputs)
        {
            if (text.Single is { } single)
            {
                single.Write(writer, inputs);
            }
            else
            {
                writer.WriteStringValue(text.Expand(inputs));
            }
        }
    }

    private sealed class ArrayValue(ImmutableArray<ValueTemplate> items) : ValueTemplate
    {
        public override bool HasTemplatedNames { get; } = items.Any(i => i.HasTemplatedNames);

        public override IEnumerable<Placeholder> Placeholders => items.SelectMany(i => i.Placeholders);

        public override void Write(Utf8JsonWriter writer, TemplateInputs inputs)
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                item.Write(writer, inputs);
            }

            writer.WriteEndArray();
        }
    }

    private sealed class ObjectValue(ImmutableArray<(TextTemplate Name, ValueTemplate Value)> members) : ValueTemplate
    {
        public override bool HasTemplatedNames { get; } = members.Any(m => m.Name.Literal is null || m.Value.HasTemplatedNames);

        public override IEnumerable<Placeholder> Placeholders => members.SelectMany(m => m.Name.Placeholders.Concat(m.Value.Placeholders));

        public override void Write(Utf8JsonWriter writer, TemplateInputs inputs)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members)
            {
                writer.WritePropertyName(name.Expand(inputs));
                value.Write(writer, inputs);
            }

            writer.WriteEndObject();
        }
    }
}
