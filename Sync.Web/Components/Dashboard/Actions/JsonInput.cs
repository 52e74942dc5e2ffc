using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>JSON that a person typed.</summary>
internal static class JsonInput
{
    private static readonly JsonDocumentOptions s_lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    /// <summary>The value, or what is wrong and where.</summary>
    public static (JsonNode? Value, string? Error) Read(string text)
    {
        try
        {
            return (JsonNode.Parse(text, documentOptions: s_lenient), null);
        }
        catch (JsonException wrong)
        {
            return (null, wrong.LineNumber is { } line && wrong.BytePositionInLine is { } at
                ? $"This is not JSON: look at line {line + 1}, place {at + 1}."
                : "This is not JSON.");
        }
    }

    /// <summary>Whether whoever typed it meant JSON.</summary>
    public static bool LooksLikeJson(string text) => text.AsSpan().TrimStart() is ['{' or '[' or '"', ..];
}
