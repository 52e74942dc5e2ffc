using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands;

/// <summary>
/// Everything that is defined or asked for in JSON: each field with each kind of JSON that it does not take is refused by name, and so are fields that are unknown or given
/// twice. The table says what each field takes; a field that it does not list fails the test.
/// </summary>
public sealed partial class FieldFormTests
{
    private static readonly string[] s_kinds = ["null", "true", "false", "number", "text", "list", "object"];

    private static readonly ParamSet s_parameters = ParamSet.Parse(Parsed("""{"p":"any"}""")).Value;

    private static readonly Dictionary<string, Reader> s_readers = new(StringComparer.Ordinal)
    {
        ["view"] = new(
            json => ViewDefinition.Parse(json, "alice", RoomLanguage.Standard).Error,
            """{"id":"v","expr":"1"}""",
            new()
            {
                ["id"] = "text",
                ["expr"] = "text",
                ["scope"] = "null text",
                ["description"] = "null text",
                ["enabled"] = "null text",
                ["render"] = "null object",
                ["timer"] = "null object",
            }),
        ["action"] = new(
            json => ActionDefinition.Parse(json, "alice", maxWrites: 5, RoomLanguage.Standard).Error,
            """{"id":"a"}""",
            new()
            {
                ["id"] = "text",
                ["scope"] = "null text",
                ["description"] = "null text",
                ["params"] = "null object",
                ["if"] = "null text",
                ["enabled"] = "null text",
                ["result"] = "null text",
                ["writes"] = "null list",
                ["shares"] = "null list",
                ["reach"] = "null text",
                ["timer"] = "null object",
                ["on_invoke"] = "null object",
                ["approve"] = "null object",
                ["lease"] = "null text object",
            }),
        ["lease"] = new(
            json => LeaseSpec.Parse(json.ValueKind == JsonValueKind.String ? default : json, [], hasWrites: true).Error, // A text alone is a key, which is a form of its own.
            """{"need":"n","take":"t"}""",
            new()
            {
                ["need"] = "null text list",
                ["take"] = "null text list",
                ["end"] = "null text list",
                ["paths"] = "null text list",
                ["ttl_ms"] = "null number text",
                ["note"] = "null text",
                ["mode"] = "null text",
                ["on_lapse"] = "null text object",
            }),
        ["approve"] = new(
            json => ApprovalRule.Parse(json, "approve", RoomLanguage.Standard).Error,
            """{"by":"person"}""",
            new()
            {
                ["by"] = "text list",
                ["when"] = "null text",
                ["timeout_ms"] = "null number",
                ["confirm"] = "null true false",
            }),
        ["write"] = new(
            json => WriteTemplate.Parse(json, s_parameters, "writes[0]", RoomLanguage.Standard).Error,
            """{"key":"k","value":1}""",
            new()
            {
                ["scope"] = "null text",
                ["scope_expr"] = "null text",
                ["key"] = "null text",
                ["key_expr"] = "null text",
                ["value"] = "null true false number text list object",
                ["expr"] = "null true false",
                ["merge"] = "text object",
                ["increment"] = "true false number text",
                ["append"] = "true false",
                ["delete"] = "true false",
                ["path"] = "null text",
                ["if_version"] = "null text",
                ["timer"] = "null object",
                ["enabled"] = "null text",
            }),
        ["parameter"] = new(
            json => ParamSpec.Parse("p", json, stored: false).Error,
            "{}",
            new()
            {
                ["type"] = "null text",
                ["required"] = "null true false",
                ["default"] = "null true false number text list object",
                ["enum"] = "null list",
                ["minimum"] = "null number",
                ["maximum"] = "null number",
                ["min_length"] = "null number",
                ["max_length"] = "null number",
                ["pattern"] = "null text",
                ["items"] = "null object",
                ["description"] = "null text",
                ["secret"] = "null true false",
            }),
        ["timer"] = new(
            json => TimerSpec.Parse(json, "timer").Error,
            """{"effect":"delete"}""",
            new() { ["ms"] = "number", ["at"] = "text", ["ticks"] = "number", ["tick_on"] = "text", ["effect"] = "text" }),
        ["agent"] = new(
            json => AgentPatch.Parse(json, RoomLanguage.Standard).Error,
            "{}",
            new()
            {
                ["name"] = "text",
                ["role"] = "text",
                ["status"] = "text",
                ["meta"] = "null true false number text list object",
                ["enabled"] = "null text",
                ["grants"] = "list",
                ["trusts"] = "list",
                ["timer"] = "null object",
            }),
        ["join"] = new(
            json => JoinRequest.Parse(json, standard: null, RoomLanguage.Standard).Error,
            "{}",
            new()
            {
                ["id"] = "null text",
                ["name"] = "null text",
                ["role"] = "null text",
                ["meta"] = "null true false number text list object",
                ["enabled"] = "null text",
                ["state"] = "null object",
                ["public_keys"] = "null list",
                ["views"] = "null list",
                ["wait_ms"] = "null number text",
            }),
        ["invocation"] = new(
            json => InvokeRequest.Parse(json, idempotencyKey: null).Error,
            """{"params":{}}""",
            new()
            {
                // Of the parameters' form the action is asked: ParamSet.Bind.
                ["params"] = "null true false number text list object",
                ["agent"] = "null text",
                ["dry_run"] = "null true false",
                ["request_id"] = "null text",
                ["consent"] = "null list",
                ["if_action_version"] = "null text",
                ["fence"] = "null number text",
                ["wait_ms"] = "null number text",
                ["because"] = "null",
            }),
    };

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    public static TheoryData<string, string, string> WrongKinds => new(
        from reader in s_readers
        from taken in reader.Value.Fields
        from kind in s_kinds.Except(taken.Value.Split(' '))
        select (reader.Key, taken.Key, kind));

    [Theory]
    [MemberData(nameof(WrongKinds))]
    public void Field_OfWrongKind_IsRefusedByName(string reader, string field, string kind)
    {
        var body = s_readers[reader].Least();
        body[field] = Example(kind);

        var error = s_readers[reader].Read(Element(body));

        Assert.NotNull(error);
        Assert.True(Named(error, field), $"{error.Code.Name}: {error.Message} {error.Details?.ToJsonString()}");
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_LeastBody_IsNotRefusedForItsForm(string reader)
    {
        // A timer without a clock is refused for what it lacks, and for no field.
        var error = s_readers[reader].Read(Element(s_readers[reader].Least()));
        Assert.True(error is null || (reader == "timer" && error.Message == "A timer needs a clock."), error?.Message);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_UnknownField_IsRefusedAndTableNamesEachKnownOne(string reader)
    {
        var body = s_readers[reader].Least();
        body["zzzzzzzzzz"] = 1;

        var error = s_readers[reader].Read(Element(body));

        Assert.NotNull(error);
        Assert.Contains("'zzzzzzzzzz'", error.Message, StringComparison.Ordinal);
        Assert.Equal(s_readers[reader].Fields.Keys.Order(StringComparer.Ordinal), KnownFields(error.Hint!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_MisspeltField_GetsTheNearestName(string reader)
    {
        foreach (var field in s_readers[reader].Fields.Keys.Where(static field => field.Length > 4))
        {
            var body = s_readers[reader].Least();
            body[field + "x"] = 1;
            Assert.Equal($"Did you mean '{field}'?", s_readers[reader].Read(Element(body))?.Hint);
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_FieldGivenTwice_IsRefused(string reader)
    {
        var field = s_readers[reader].Fields.Keys.First();
        var error = s_readers[reader].Read(Parsed($$"""{"{{field}}":"a","{{field}}":"a"}"""));

        Assert.Equal(ErrorCode.InvalidJson, error?.Code);
        Assert.Contains($"'{field}' twice", error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("view", "id")]
    [InlineData("view", "expr")]
    [InlineData("action", "id")]
    public void Reader_RequiredFieldMissing_IsRefusedByName(string reader, string field)
    {
        foreach (var absent in new[] { false, true })
        {
            var body = s_readers[reader].Least();
            body[field] = null;
            if (absent)
            {
                body.Remove(field);
            }

            var error = s_readers[reader].Read(Element(body));
            Assert.Equal(ErrorCode.MissingParam, error?.Code);
            Assert.True(Named(error!, field), error!.Message);
        }
    }

    [Fact]
    public void Reader_NoObject_IsRefused() => Assert.All(
        from reader in s_readers
        from kind in s_kinds.Except(["object"])
        where !(reader.Key == "parameter" && kind == "text") && !(reader.Key is "join" or "invocation" && kind == "null")
        select (reader.Key, reader.Value.Read(Element(Example(kind)))),
        static result => Assert.NotNull(result.Item2));

    [Fact]
    public void StoredDefinition_FieldsThatTheLogAccepted_AreRead()
    {
        var stored = RoomLanguage.Standard.ForStored;
        Assert.Equal("second", ViewDefinition.Parse(Parsed("""{"id":"v","expr":"1","description":"first","description":"second"}"""), self: null, stored).Value.Description);
        var write = ActionDefinition.Parse(Parsed("""{"id":"a","writes":[{"key":"k","value":"text","expr":"yes"}]}"""), self: null, maxWrites: 5, stored).Value.Writes.Single();
        Assert.Null(write.Expr);
        Assert.NotNull(write.Value);
    }

    private static bool Named(SyncError error, string field) =>
        error.Message.Contains($"'{field}'", StringComparison.Ordinal)
        || new[] { "field", "param" }.Any(detail => error.Details?[detail]?.GetValue<string>().Split('.').Contains(field) == true);

    // "Known are a, b, c." or the names that stand in quotes before a colon, as in {"ms": n}.
    private static IEnumerable<string> KnownFields(string hint) => KnownList().Match(hint) is { Success: true } list
        ? list.Groups[1].Value.Split(", ")
        : MemberNames().Matches(hint).Select(static match => match.Groups[1].Value).Concat(hint.Contains("with \"effect\"", StringComparison.Ordinal) ? ["effect"] : []).Distinct();

    private static JsonNode? Example(string kind) => kind switch
    {
        "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        "number" => JsonValue.Create(7),
        "text" => JsonValue.Create("1"),
        "list" => new JsonArray(1),
        _ => new JsonObject { ["a"] = 1 },
    };

    private static JsonElement Element(JsonNode? node) => Parsed(node?.ToJsonString() ?? "null");

    private static JsonElement Parsed(string json) => JsonDocument.Parse(json).RootElement;

    [GeneratedRegex("Known are ([a-z_, ]+)\\.")]
    private static partial Regex KnownList();

    [GeneratedRegex("\"([a-z_]+)\":")]
    private static partial Regex MemberNames();

    /// <summary>A reader, the least body that it takes, and the kinds of JSON that each field takes.</summary>
    private sealed record Reader(Func<JsonElement, SyncError?> Read, string LeastBody, Dictionary<string, string> Fields)
    {
        public JsonObject Least() => JsonNode.Parse(LeastBody)!.AsObject();
    }
}
