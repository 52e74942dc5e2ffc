using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Engine.Tests.Model.Authority;
using Sync.Web.Components.Dashboard;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Authority;

/// <summary>
/// A server of its own with one open room, in which parties of every kind each have three doors, and each agent something private. Olga owns it; Cora is a collaborator, Pat a participant with a
/// second agent, Paula, held by a token bound to it; Obi observes; Alice and Gina are guests, of whom Alice granted Gina her scope; two links read, and one of these shows a view only.
/// </summary>
internal sealed class AuthorityServer : IAsyncDisposable
{
    public const string Room = "r";
    public const string Prefix = "sentinel-of-";

    /// <summary>The link that shows nothing but one view.</summary>
    public const string Shown = "shown";

    private readonly SyncHost _host;
    private readonly Dictionary<string, ApiClient> _clients = [];

    private AuthorityServer(SyncHost host, ErrorLog log, AuthorityModel model)
    {
        _host = host;
        Log = log;
        Model = model;
    }

    /// <summary>Everything that was logged, down to what only debugging shows.</summary>
    public ErrorLog Log { get; }

    public AuthorityModel Model { get; }

    /// <summary>Every door of every party.</summary>
    public List<AuthoritySurface> Surfaces { get; } = [];

    public Party this[string id] => Model.Parties.Single(party => party.Id == id);

    public static async Task<AuthorityServer> OpenAsync()
    {
        Party[] parties =
        [
            new("olga", Right.Full, "olga"),
            new("cora", Right.Write, "cora"),
            new("pat", Right.Write, "pat"),
            new("paula", Right.Write, "pat"),
            new("alice", Right.Write) { Grants = ["gina"] },
            new("gina", Right.Write),
            new("obi", Right.Read, "obi"),
            new("link", Right.Read),
            new(Shown, Right.Read),
        ];
        var log = new ErrorLog(LogLevel.Debug);
        var host = new SyncHost(
            new Dictionary<string, string> { ["Logging:" + typeof(ErrorLog).FullName + ":LogLevel:Default"] = "Debug" },
            services => services.AddSingleton<ILoggerProvider>(log));
        await host.InitializeAsync();
        var server = new AuthorityServer(host, log, new AuthorityModel(parties));
        await server.FillAsync();
        return server;
    }

    /// <summary>What an agent keeps private.</summary>
    public static string SecretOf(string agent) => Prefix + agent;

    /// <summary>Whether an expression reads the secret of a scope, or of <c>self</c>, without having it in its words.</summary>
    public static string Tells(string scope, string whose) => $"{Read(scope)}.endsWith(\"-of-{whose}\")";

    public static string Read(string scope) => scope == "self" ? "state.self.secret" : $"state[\"{scope}\"].secret";

    public async Task RegisterAsync(Party party, string what, JsonObject definition) =>
        (await _clients[party.Id].PostAsync($"/rooms/{Room}/actions/_register_{what}/invoke", new { @params = definition })).AssertOk();

    public async Task InvokeAsync(Party party, string action, JsonObject? parameters = null) =>
        (await _clients[party.Id].PostAsync($"/rooms/{Room}/actions/{action}/invoke", new { @params = parameters ?? [] })).AssertOk();

    public async ValueTask DisposeAsync()
    {
        foreach (var surface in Surfaces)
        {
            await surface.DisposeAsync();
        }

        await _host.DisposeAsync();
    }

    private async Task FillAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var owner = _clients["olga"] = _host.Client(await _host.MintAsync("olga"));
        (await owner.PostAsync("/rooms", new { id = Room, join = "open" })).AssertOk(201);
        foreach (var (user, role) in ((string, string)[])[("cora", "collaborator"), ("pat", "participant"), ("obi", "observer")])
        {
            _clients[user] = _host.Client(await _host.MintAsync(user));
            (await owner.PostAsync($"/rooms/{Room}/invite", new { username = user, role })).AssertOk();
        }

        foreach (var guest in (string[])["alice", "gina"])
        {
            var joined = (await _host.Client().PostAsync($"/rooms/{Room}/agents", new { id = guest })).AssertOk(201);
            _clients[guest] = _host.Client(joined["token"].GetString());
        }

        // A token that joins acts as that agent from then on, so that Paula joins with another one than Pat's.
        var second = _host.Client(await _host.MintAsync("pat"));
        await InvokeAsync(this["pat"], "_send_message", new JsonObject { ["body"] = "x" });
        (await second.PostAsync($"/rooms/{Room}/agents", new { id = "paula" })).AssertOk(201);
        var bound = (await second.PostAsync("/tokens", new { room_id = Room, agent_id = "paula" })).AssertOk(201);
        _clients["paula"] = _host.Client(bound["token"].GetString());
        var link = (await owner.PostAsync($"/rooms/{Room}/tokens", new { kind = "view" })).AssertOk(201);
        _clients["link"] = _host.Client(link["token"].GetString());
        _clients[Shown] = _host.Client(await _host.MintAsync("olga", $"rooms:{Room}:view:v0"));

        await RegisterAsync(this["olga"], "action", JsonNode.Parse("""{"id":"keep","params":{"v":"any"},"writes":[{"scope":"${self}","key":"secret","value":"${params.v}"}]}""")!.AsObject());
        foreach (var party in Model.Parties)
        {
            if (party.Right > Right.Read)
            {
                await InvokeAsync(party, "keep", new JsonObject { ["v"] = SecretOf(party.Id) });
            }
        }

        (await _clients["alice"].PatchAsync($"/rooms/{Room}/agents/alice", new { grants = new[] { "gina" } })).AssertOk();
        foreach (var party in Model.Parties)
        {
            var client = _clients[party.Id];
            Surfaces.Add(new HttpSurface(party, client, Room));
            var mcp = await McpConnection.OpenAsync(_host, client.Token!);
            if (party.Right > Right.Read)
            {
                await mcp.OkAsync("sync_embody", new { room = Room, agent = party.Id });
            }

            Surfaces.Add(new McpSurface(party, mcp, Room));
            var caller = party.User is null || party.Id == "paula"
                ? (await _host.Engine.Access.AuthenticateAsync(client.Token!, cancel)).Value
                : await Person.SessionAsync(_host, party.User);
            Surfaces.Add(new PageSurface(party, new RoomViewer(_host.Engine, caller, Room)));
        }
    }
}
