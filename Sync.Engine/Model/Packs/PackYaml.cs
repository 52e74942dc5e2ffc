using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sync.Engine.Model.Packs;

/// <summary>
/// The YAML of packs: what JSON can say, by the core schema of YAML 1.2, so that <c>no</c> is a text and <c>"1"</c> is none of the numbers. Anchors, aliases and tags are refused: they are no part of a
/// document, and a few lines of them can stand for gigabytes.
/// </summary>
internal static partial class PackYaml
{
    private const int MaxDepth = 48;

    /// <summary>The JSON that a text stands for.</summary>
    /// <remarks>Errors: <c>invalid_pack</c> with line and column.</remarks>
    public static Outcome<JsonText> Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return Refuse("The text holds no pack.", Mark.Empty);
            }

            if (!ReadNode(parser, depth: 1).Try(out var node, out var error))
            {
                return error;
            }

            parser.Consume<DocumentEnd>();
            return parser.TryConsume<StreamEnd>(out _) ? JsonText.Of(node) : Refuse("A pack is one document.", parser.Current?.Start ?? Mark.Empty);
        }
        catch (YamlException wrong)
        {
            return Refuse("The text is neither the name of a pack that is built in nor YAML or JSON.", wrong.Start);
        }
    }

    private static Outcome<JsonNode?> ReadNode(IParser parser, int depth)
    {
        var at = parser.Current?.Start ?? Mark.Empty;
        if (depth > MaxDepth)
        {
            return Refuse($"The text nests deeper than {MaxDepth} levels.", at);
        }

        if (parser.Current is AnchorAlias || parser.Current is NodeEvent { Anchor.IsEmpty: false } || parser.Current is NodeEvent { Tag.IsEmpty: false })
        {
            return Refuse("Anchors, aliases and tags are not taken.", at);
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return ReadScalar(scalar);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                if (!ReadNode(parser, depth + 1).Try(out var item, out var error))
                {
                    return error;
                }

                list.Add(item);
            }

            return list;
        }

        parser.Consume<MappingStart>();
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var place = parser.Current?.Start ?? Mark.Empty;
            if (!parser.TryConsume<Scalar>(out var name))
            {
                return Refuse("A key is a text.", place);
            }

            if (!ReadNode(parser, depth + 1).Try(out var value, out var error))
            {
                return error;
            }

            if (!map.TryAdd(name.Value, value))
            {
                return Refuse("A key stands twice.", place);
            }
        }

        return map;
    }

    private static Outcome<JsonNode?> ReadScalar(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
        {
            return (JsonNode?)JsonValue.Create(text);
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (JsonNode?)null;
            case "true" or "True" or "TRUE":
                return (JsonNode?)JsonValue.Create(true);
            case "false" or "False" or "FALSE":
                return (JsonNode?)JsonValue.Create(false);
        }

        if (!NumberPattern().IsMatch(text))
        {
            return (JsonNode?)JsonValue.Create(text);
        }

        // As JSON writes it, all digits kept; what YAML allows beyond that, such as a leading plus or 007, is a number in its shortest form.
        return JsonNumberPattern().IsMatch(text) ? JsonNode.Parse(text)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? (JsonNode?)JsonValue.Create(number)
            : Refuse("A number is beyond what a double holds.", scalar.Start);
    }

    private static SyncError Refuse(string message, in Mark at)
    {
        var error = new SyncError(ErrorCode.InvalidPack, message) { Hint = "A pack is JSON, or YAML that says the same: plain maps, lists, texts and numbers.", Help = "packs" };
        return at.Line > 0 ? error.With("line", at.Line).With("column", at.Column) : error;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumberPattern();
}
