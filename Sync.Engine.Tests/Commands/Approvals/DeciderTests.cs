using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>Who may decide: every kind of caller, by every kind of rule, on what every kind of caller has asked for.</summary>
public sealed class DeciderTests
{
    private static readonly string[] s_rules = ["\"person\"", "\"owner\"", "[\"user:nina\"]", "[\"agent:lead\"]", "[\"role:reviewer\"]", "[\"user:nina\",\"agent:lead\"]"];

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Decide_EveryCallerByEveryRuleOnEveryAsker_IsWhatTheRuleSays()
    {
        await using var host = await EngineHost.StartAsync();
        var parties = await PartiesAsync(host);
        var tried = 0;
        foreach (var rule in s_rules)
        {
            await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"went","value":1}],"approve":{"by":RULE}}""".Replace("RULE", rule, StringComparison.Ordinal));
            foreach (var asker in parties.Where(static party => party.Asks))
            {
                string? id = null;
                foreach (var decider in parties)
                {
                    // What one may not decide is still there for the next.
                    id ??= (await host.InvokeAsync(asker.Caller, "r", "go", agent: asker.Named))["approval"]!.GetValue<string>();
                    var expected = Expected(rule, asker, decider);

                    var outcome = await host.TryInvokeAsync(decider.Caller, "r", "_decide", $$"""{"approval":"{{id}}","decision":"reject"}""", agent: decider.Named);

                    Assert.True((outcome.Error is null) == (expected is null), $"{rule}: {asker.Name} asked, {decider.Name} decides: {outcome.Error?.Code.Name ?? "accepted"}, expected {expected ?? "accepted"}");
                    Assert.True(outcome.Error is null || expected == outcome.Error.Code.Name || expected == "refused", $"{rule}: {asker.Name} asked, {decider.Name} decides: {outcome.Error?.Code.Name}, expected {expected}");
                    id = outcome.Error is null ? null : id;
                    tried++;
                }
            }
        }

        Assert.Equal(s_rules.Length * parties.Count(static party => party.Asks) * parties.Count, tried);
    }

    // What the rule says, in words of its own: null where it lets them.
    private static string? Expected(string rule, Party asker, Party decider)
    {
        if (!decider.Writes)
        {
            return "read_only_token";
        }

        if (decider.IsSession ? asker.IsSession && asker.User == decider.User : IsOwn(asker, decider))
        {
            return "person_required";
        }

        var may = rule switch
        {
            "\"person\"" => decider.IsPerson,
            "\"owner\"" => decider.IsFull,
            "[\"user:nina\"]" => decider is { IsSession: true, User: "nina" },
            "[\"agent:lead\"]" => decider.Agent == "lead",
            "[\"role:reviewer\"]" => decider.Agent == "rita",
            _ => decider is { IsSession: true, User: "nina" } || decider.Agent == "lead",
        };
        return may ? null
            : (rule.Contains("person", StringComparison.Ordinal) || rule.Contains("user:", StringComparison.Ordinal)) && !decider.IsSession ? "person_required"
            : "refused";
    }

    private static bool IsOwn(Party asker, Party decider) =>
        (decider.User is not null && (decider.User == asker.User || decider.User == asker.AgentUser))
        || (decider.AgentUser is not null && (decider.AgentUser == asker.User || decider.AgentUser == asker.AgentUser))
        || (decider.Agent is not null && decider.Agent == asker.Agent)
        || ReferenceEquals(decider.Caller, asker.Caller);

    private static async Task<List<Party>> PartiesAsync(EngineHost host)
    {
        var created = await host.RoomAsync("r", JoinPolicy.Open);
        foreach (var (name, role) in ((string, Role)[])[("oskar", Role.Owner), ("cora", Role.Collaborator), ("nina", Role.Participant), ("otto", Role.Observer)])
        {
            await host.UserAsync(name, "rooms:*");
            await host.GiveRoleAsync("r", name, role);
        }

        var guest = await host.UserAsync("gus", "create_rooms rooms:*");
        await host.Engine.Agents.JoinAsync(guest, "r", EngineHost.Json("""{"id":"gus"}"""), Cancel);
        var bob = await host.JoinAsync("r", "bob");
        var lead = await host.JoinAsync("r", "lead");
        await host.RegisterAsync(host.Owner, "r", """{"from":"standard_library","id":"define_role"}""");
        await host.InvokeAsync(host.Owner, "r", "define_role", """{"role":"reviewer","description":"Reviews."}""");
        var rita = await host.JoinAsync("r", "rita", ""","role":"reviewer" """);
        var ninas = await host.UserAsync("nina", "rooms:r");
        return
        [
            new("the owner's page", await host.SessionAsync("olga")) { User = "olga", Agent = "olga", IsSession = true, IsPerson = true, IsFull = true, Asks = true },
            new("another owner's page", await host.SessionAsync("oskar")) { User = "oskar", Agent = "oskar", IsSession = true, IsPerson = true, IsFull = true },
            new("a collaborator's page", await host.SessionAsync("cora")) { User = "cora", Agent = "cora", IsSession = true, IsPerson = true },
            new("nina's page", await host.SessionAsync("nina")) { User = "nina", Agent = "nina", IsSession = true, IsPerson = true, Asks = true },
            new("the page of somebody the open policy let in", await host.SessionAsync("gus")) { User = "gus", Agent = "gus", IsSession = true },
            new("an observer's page", await host.SessionAsync("otto")) { User = "otto", IsSession = true, Writes = false },
            new("the owner's token", host.Owner) { User = "olga", Agent = "olga", IsFull = true, Asks = true },
            new("the owner's token as lead", await host.UserAsync("olga", "rooms:r:admin")) { User = "olga", Agent = "lead", Named = "lead", IsFull = true },
            new("the owner's token that writes", await host.UserAsync("olga", "rooms:r:write")) { User = "olga", Agent = "olga" },
            new("the owner's token that reads", await host.UserAsync("olga", "rooms:r:read")) { User = "olga", Writes = false },
            new("another owner's token", await host.UserAsync("oskar", "rooms:*")) { User = "oskar", Agent = "oskar", IsFull = true },
            new("another owner's token of one agent", await host.UserAsync("oskar", "rooms:r:agent:bob")) { User = "oskar", Agent = "bob" },
            new("a collaborator's token", await host.UserAsync("cora", "rooms:r")) { User = "cora", Agent = "cora" },
            new("nina's token", ninas) { User = "nina", Agent = "nina", Asks = true },
            new("the token of somebody the open policy let in", guest) { User = "gus", Agent = "gus", Asks = true },
            new("the room's token", await host.CallerAsync(created.RoomToken)) { User = "olga", IsFull = true },
            new("the room's link", await host.CallerAsync(created.ViewToken)) { User = "olga", Writes = false },
            new("bob, of nobody", bob) { Agent = "bob", Asks = true },
            new("lead, of nobody", lead) { Agent = "lead" },
            new("rita, who fills the role", rita) { Agent = "rita" },
        ];
    }

    private sealed record Party(string Name, Caller Caller)
    {
        public string? User { get; init; }

        public string? Agent { get; init; }

        public string? Named { get; init; }

        public string? AgentUser => Agent is "olga" or "oskar" or "cora" or "nina" or "gus" ? Agent : null;

        public bool IsSession { get; init; }

        public bool IsPerson { get; init; }

        public bool IsFull { get; init; }

        public bool Writes { get; init; } = true;

        public bool Asks { get; init; }
    }
}
