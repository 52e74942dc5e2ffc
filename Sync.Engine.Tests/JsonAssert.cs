using System.Text.Json.Nodes;

namespace Sync.Engine.Tests;

/// <summary>Compares JSON by value: member order does not matter, and 1 is 1.0.</summary>
internal static class JsonAssert
{
    public static void Equal(string expected, JsonNode? actual, string? because = null)
    {
        var text = actual?.ToJsonString() ?? "null";
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(text)), $"{because}\nexpected {expected}\nactual   {text}");
    }

    public static string Text(this JsonNode? node) => node!.GetValue<string>();

    public static long Number(this JsonNode? node) => node!.GetValue<long>();

    public static bool Flag(this JsonNode? node) => node!.GetValue<bool>();

    public static string[] Texts(this JsonNode? node) => [.. node!.AsArray().Select(n => n!.GetValue<string>())];

    public static string[] Names(this JsonNode? node) => [.. node!.AsObject().Select(n => n.Key)];
}
