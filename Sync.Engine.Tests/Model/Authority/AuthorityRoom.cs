using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>A room with parties of every kind, each with something private, on the real engine.</summary>
internal sealed class AuthorityRoom : IAsyncDisposable
{
    public const string Id = "r";

    private AuthorityRoom(EngineHost host, AuthorityModel model, Dictionary<string, Caller> callers)
    {
        Host = host;
        Model = model;
        Callers = callers;
    }

    public EngineHost Host { get; }

    public AuthorityModel Model { get; }

    public IReadOnlyDictionary<string, Caller> Callers { get; }

    /// <summary>
    /// Olga owns the room; Pat is a participant with a second agent, Paula; Alice, Bob and Gina joined the open room as nobody's; Alice granted Gina her scope, and Bob trusts Alice. Each
    /// keeps <c>secret</c>, whose value is <see cref="SecretOf"/>.
    /// </summary>
    public static async Task<AuthorityRoom> OpenAsync()
    {
        Party[] parties =
        [
            new("olga", Right.Full, "olga"),
            new("pat", Right.Write, "pat"),
            new("paula", Right.Write, "pat"),
            new("alice", Right.Write) { Grants = ["gina"] },
            new("bob", Right.Write) { Trusts = ["alice"] },
            new("gina", Right.Write),
        ];
        var host = await EngineHost.StartAsync();
        await host.RoomAsync(Id);
        var pat = await host.UserAsync("pat", "rooms:*");
        await host.Engine.Rooms.InviteAsync(host.Owner, Id, "pat", Role.Participant, EngineHost.Cancel);
        await host.InvokeAsync(host.Owner, Id, "_send_message", """{"body":"x"}""");
        await host.InvokeAsync(pat, Id, "_send_message", """{"body":"x"}""");
        var callers = new Dictionary<string, Caller> { ["olga"] = host.Owner, ["pat"] = pat };
        foreach (var party in parties.Where(party => !callers.ContainsKey(party.Id)))
        {
            var joiner = party.User is null ? Caller.Anonymous : await host.UserAsync(party.User, $"rooms:{Id}");
            var joined = EngineHost.Node((await host.Engine.Agents.JoinAsync(joiner, Id, EngineHost.Json($$"""{"id":"{{party.Id}}"}"""), EngineHost.Cancel)).Value.Json);
            callers[party.Id] = await host.CallerAsync(joined["token"].Text());
        }

        await host.RegisterAsync(host.Owner, Id, """{"id":"keep","params":{"v":"any"},"writes":[{"scope":"${self}","key":"secret","value":"${params.v}"}]}""");
        foreach (var party in parties)
        {
            await host.InvokeAsync(callers[party.Id], Id, "keep", new JsonObject { ["v"] = SecretOf(party.Id) }.ToJsonString());
            var patch = new JsonObject { ["grants"] = List(party.Grants), ["trusts"] = List(party.Trusts) };
            Assert.Null((await host.Engine.Agents.UpdateAsync(callers[party.Id], Id, party.Id, EngineHost.Json(patch.ToJsonString()), EngineHost.Cancel)).Error);
        }

        return new AuthorityRoom(host, new AuthorityModel(parties), callers);
    }

    /// <summary>What an agent keeps private.</summary>
    public static string SecretOf(string agent) => $"sentinel-of-{agent}";

    /// <summary>Registers an action in place of whoever's stood there.</summary>
    public Task<JsonObject> RegisterAsync(Party party, JsonObject definition) => ReplaceAsync(party, "action", definition);

    /// <summary>Registers a view in place of whoever's stood there.</summary>
    public Task<JsonObject> ViewAsync(Party party, JsonObject definition) => ReplaceAsync(party, "view", definition);

    private async Task<JsonObject> ReplaceAsync(Party party, string what, JsonObject definition)
    {
        await Host.TryInvokeAsync(Host.Owner, Id, $"_delete_{what}", new JsonObject { ["id"] = definition["id"]!.DeepClone() }.ToJsonString());
        return await Host.InvokeAsync(Callers[party.Id], Id, $"_register_{what}", definition.ToJsonString());
    }

    /// <summary>Invokes, saying yes to whatever is asked unless told otherwise; the refusal's code or null.</summary>
    public async Task<Outcome<JsonObject>> InvokeAsync(Party party, string action, JsonObject? parameters = null, bool consents = true, bool dryRun = false)
    {
        var request = new InvokeRequest { Params = EngineHost.Json((parameters ?? []).ToJsonString()), Consent = consents ? ["state.self"] : [], DryRun = dryRun };
        return (await Host.Engine.Actions.InvokeAsync(Callers[party.Id], Id, action, request, EngineHost.Cancel)).Try(out var invoked, out var error) ? EngineHost.Node(invoked.Json) : error;
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static JsonArray List(IEnumerable<string> ids) => [.. ids.Select(static id => (JsonNode)id)];
}
