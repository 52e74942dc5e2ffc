using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>Who may change or delete an action that somebody has to approve.</summary>
public sealed class GatedDefinitionTests
{
    private const string Open = """{"id":"go","writes":[{"key":"k","value":1}]}""";
    private const string Delete = """{"id":"go"}""";

    public static TheoryData<bool, string, string, string?> Cases
    {
        get
        {
            // Whether a person set it in a session, by whom it is decided, who changes it, what they are refused with.
            var cases = new TheoryData<bool, string, string, string?>();
            foreach (var by in (string[])["\"person\"", "\"owner\"", "[\"user:nina\"]", "[\"agent:lead\"]"])
            {
                var isOfPeople = by is "\"person\"" or "[\"user:nina\"]";
                foreach (var bySession in (bool[])[false, true])
                {
                    cases.Add(bySession, by, "owner's page", null);
                    cases.Add(bySession, by, "owner's token", bySession && isOfPeople ? "person_required" : null);
                    cases.Add(bySession, by, "room's token", bySession && isOfPeople ? "person_required" : null);
                    cases.Add(bySession, by, "owner's token that writes", "not_owner");
                    cases.Add(bySession, by, "collaborator's page", "not_owner");
                    cases.Add(bySession, by, "collaborator's token", "not_owner");
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Definition_ChangedOrDeleted_TakesAnOwnerAndAPersonWhereOneSetIt(bool bySession, string by, string who, string? code)
    {
        await using var host = await EngineHost.StartAsync();
        var room = await host.RoomAsync("r", JoinPolicy.Members);
        await host.UserAsync("cora", "rooms:*");
        await host.GiveRoleAsync("r", "cora", Role.Collaborator);
        Caller page = await host.SessionAsync("olga");
        await host.RegisterAsync(bySession ? page : host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":BY}}""".Replace("BY", by, StringComparison.Ordinal));
        var caller = who switch
        {
            "owner's page" => page,
            "owner's token" => host.Owner,
            "room's token" => await host.CallerAsync(room.RoomToken),
            "owner's token that writes" => await host.UserAsync("olga", "rooms:r:write"),
            "collaborator's page" => await host.SessionAsync("cora"),
            _ => await host.UserAsync("cora", "rooms:*"),
        };

        foreach (var (action, parameters) in ((string, string)[])[("_register_action", Open), ("_batch", $$"""{"steps":[{"action":"_register_action","params":{{Open}}}]}"""), ("_delete_action", Delete)])
        {
            var outcome = await host.TryInvokeAsync(caller, "r", action, parameters);
            Assert.Equal(code, outcome.Error?.Code.Name);
            if (code is null)
            {
                return;
            }
        }

        Assert.NotNull((await host.LoadedAsync("r")).Published.Actions["go"].Definition.Approve);
    }

    [Theory]
    [InlineData("""{"by":"person","when":"1 +"}""", "invalid_cel")]
    [InlineData("""{"by":"nobody"}""", "invalid_param")]
    [InlineData("""{"by":[]}""", "invalid_param")]
    [InlineData("""{"by":["person","agent:lead"]}""", "invalid_param")]
    [InlineData("""{"by":["agent:lead"],"confirm":true}""", "invalid_param")]
    [InlineData("""{"by":"person","timeout_ms":999}""", "invalid_param")]
    [InlineData("""{"by":"person","timeout_ms":604800001}""", "invalid_param")]
    [InlineData("""{"when":"true"}""", "invalid_param")]
    [InlineData("""{"by":"person","then":1}""", "invalid_param")]
    public async Task Rule_OfTheWrongForm_IsRefused(string rule, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_register_action", """{"id":"go","writes":[],"approve":RULE}""".Replace("RULE", rule, StringComparison.Ordinal))).Code.Name);
    }

    [Fact]
    public async Task Rule_OnAnActionWithASecret_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "_register_action", """{"id":"go","params":{"k":{"type":"string","secret":true}},"writes":[],"approve":{"by":"person"}}""")).Code.Name);
    }
}
