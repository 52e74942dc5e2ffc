using System.Text.RegularExpressions;
using Sync.Cel.Tests;

namespace Sync.Web.Tests.Surfaces;

/// <summary>In-process answers are typed: no surface parses JSON that the engine wrote.</summary>
public sealed partial class ParsingTests
{
    // Every file that parses JSON, how often, and what it parses instead of an answer.
    private static readonly Dictionary<string, (int Count, string Reason)> s_allowed = new(StringComparer.Ordinal)
    {
        ["ApiSchemas.cs"] = (1, "the schemas, a file of the program"),
        ["ContextTag.cs"] = (3, "finds one byte range in a context, which keeps its composed bytes; the tag leaves it out"),
        ["StrictJson.cs"] = (2, "bodies of requests"),
        ["DemoActor.cs"] = (1, "the demo's agents are clients: they read what a wait answers to every agent"),
        ["DemoRoom.cs"] = (1, "the demo's vocabulary, a file of the program"),
        ["JsonLayout.cs"] = (3, "values, which are JSON by nature, laid out for reading"),
        ["ParamField.cs"] = (2, "what a person types into a form, and the choices that a definition declares"),
        ["JsonInput.cs"] = (1, "what a person types into a form"),
        ["DefinitionDraft.cs"] = (1, "a definition as its registrant wrote it, put into a form"),
        ["DraftField.cs"] = (1, "a field of such a definition"),
        ["ProtocolVersions.cs"] = (1, "a request to begin a session, of which the version is put right"),
        ["SyncTool.cs"] = (1, "the schemas of the tools, which stand in the program"),
        ["ToolDefinition.cs"] = (1, "the same"),
        ["ArgumentForm.cs"] = (2, "the same"),
        ["ApprovalChoice.cs"] = (1, "the parameters that a person has edited in a field of the page, which are JSON"),
        ["ToolArguments.cs"] = (1, "arguments, in the form in which they were meant"),
        ["ToolCall.cs"] = (1, "the arguments of a tool, which the SDK hands over one by one, as the object that they were"),
        ["McpErrors.cs"] = (1, "the SDK takes structured content as an element and not as bytes"),
        ["CeremonyCookie.cs"] = (1, "a cookie"),
        ["PasskeyData.cs"] = (1, "what the web layer has stored itself"),
    };

    [Fact]
    public void Parsing_InTheWebLayer_IsOfOtherThingsThanAnswers()
    {
        var found = Sources()
            .Select(file => (Name: Path.GetFileName(file), Count: Parse().Count(File.ReadAllText(file))))
            .Where(file => file.Count > 0)
            .OrderBy(file => file.Name, StringComparer.Ordinal);

        Assert.Equal(s_allowed.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.Count)), found);
    }

    private static IEnumerable<string> Sources()
    {
        return Directory.EnumerateFiles(RepositoryFolder.At("Sync.Web"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor" && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"JsonDocument\.Parse|JsonSerializer\.Deserialize|JsonNode\.Parse|JsonElement\.Parse|Utf8JsonReader\b")]
    private static partial Regex Parse();
}
