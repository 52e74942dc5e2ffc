using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Sync.Cel.Tests;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Packs;

namespace Sync.Engine.Tests.Services.Packs;

/// <summary>The served schema, the packs that are built in and the reader say the same of what a pack is. The schema is asked by a validator that is not ours.</summary>
public sealed partial class PackSchemaTests
{
    private static readonly JsonSchema s_schema = JsonSchema.FromText(PackService.Schema);

    public static TheoryData<string> Names => [.. BuiltInPacks.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void BuiltInPack_FitsTheSchema(string name) => Assert.Empty(Violations(JsonNode.Parse(BuiltInPacks.Read($"{name}.json"))!));

    [Theory]
    [MemberData(nameof(Names))]
    public void BuiltInPack_HasWhatEveryoneOfThemHas(string name)
    {
        var pack = BuiltInPacks.Find(name)!; // It is one of the names.

        Assert.Equal(name, pack.Name);
        Assert.NotEmpty(pack.Description!);
        Assert.Contains(pack.Parts, static part => part.Name == "views.todo");
        Assert.Contains(pack.Parts, part => part.Name == $"help.{name}");
        Assert.All(pack.Parts.Where(static part => part.Kind is PackPartKind.Action or PackPartKind.View), static part => Assert.NotNull(((JsonObject)part.Value.ToNode()!)["description"]));
        Assert.Contains(pack.Parts, static part => part.Kind == PackPartKind.View && ((JsonObject)part.Value.ToNode()!)["render"] is not null);
    }

    // Packs that go together have one text of it, which goes with the last of them: another text would be a change of the others'.
    [Fact]
    public void Todo_OfEveryBuiltInPack_IsOneText() =>
        Assert.Single(BuiltInPacks.Names.Select(static name => BuiltInPacks.Find(name)!.Parts.Single(static part => part.Name == "views.todo").Version).Distinct()); // It is one of the names.

    [Fact]
    public void Documents_EveryPackInThem_FitsTheSchemaAndIsRead()
    {
        var examples = Directory.EnumerateFiles(RepositoryFolder.At("docs"), "*.md").SelectMany(file => Fence().Matches(File.ReadAllText(file)).Select(match => (Kind: match.Groups[1].Value, Text: match.Groups[2].Value)))
            .Where(static example => example.Text.Contains("version", StringComparison.Ordinal) && (example.Kind == "yaml" ? example.Text.StartsWith("name:", StringComparison.Ordinal) : example.Text.Contains("\"actions\": [", StringComparison.Ordinal) && example.Text.TrimStart().StartsWith("{\n  \"name\"", StringComparison.Ordinal)))
            .ToList();
        Assert.True(examples.Count >= 2, $"Only {examples.Count} packs were found.");

        foreach (var (_, text) in examples)
        {
            var document = PackYaml.Read(text).Value;
            Assert.Empty(Violations(document.ToNode()!));
            Assert.Null(PackParser.Parse(document.ToElement(), new RoomLimits()).Error);
        }
    }

    public static TheoryData<string> Wrong =>
    [
        "{}", """{"name":"A","version":"1"}""", """{"name":"a","version":""}""", """{"name":"a","version":"1","action":[]}""", """{"name":"a","version":"1","actions":{}}""", """{"name":"a","version":"1","actions":[{}]}""",
        """{"name":"a","version":"1","actions":[{"from":"standard_library","id":"vote","if":"true"}]}""", """{"name":"a","version":"1","state":{"ann":{}}}""", """{"name":"a","version":"1","help":{"k":1}}""", """{"name":"a","version":"1","roles":[]}""",
        """{"name":"a","version":1}""", """{"name":"a","version":"1","description":7}""",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Document_OfAnotherForm_IsNeitherInTheSchemaNorRead(string text)
    {
        Assert.NotEmpty(Violations(JsonNode.Parse(text)!));
        Assert.NotNull(PackParser.Parse(JsonElement.Parse(text), new RoomLimits()).Error);
    }

    private static List<string> Violations(JsonNode document)
    {
        var result = s_schema.Evaluate(document, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return result.IsValid ? [] : [.. result.Details.Where(static detail => detail.HasErrors).SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))];
    }

    [GeneratedRegex("```(json|yaml)\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
