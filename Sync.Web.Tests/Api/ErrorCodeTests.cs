using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Api.OpenApi;
using Sync.Web.Http.Answers;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Every error code, provoked through HTTP.</summary>
public sealed class ErrorCodeTests(SyncHost host)
{
    /// <summary>Codes that no request to the API can provoke, and why.</summary>
    private static readonly Dictionary<string, string> s_notYet = new()
    {
        ["registration_closed"] = "Only the registration page gives it.",
        ["confirmation_required"] = "Only the page of one's passkeys gives it.",
        ["last_passkey"] = "Only the page of one's passkeys gives it.",
        ["embodiment_required"] = "Over HTTP every token acts as an agent; only sessions of /mcp embody one first.",
        ["agent_held"] = "Over HTTP nobody holds an agent; only sessions of /mcp do.",
    };

    private static object Publishing => new { id = "publish", writes = new object[] { new { key = "shown", value = "state.self", expr = true } } };

    private static object Gated => new { id = "bump", writes = new[] { new { key = "n", increment = 1 } }, approve = new { by = "owner" } };

    private static async Task<(TestRoom Room, string Approval)> AskedAsync(SyncHost host)
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(Gated);
        var asked = (await room.InvokeAsync("bump", new { }, await room.MemberAsync("participant"))).AssertOk(202);
        return (room, asked["approval"].GetString()!);
    }

    private static readonly Dictionary<string, Func<SyncHost, Task<ApiReply>>> s_cases = new()
    {
        ["authentication_required"] = async host => await host.Client().GetAsync((await host.RoomAsync()).Path + "/context"),
        ["invalid_token"] = async host => await host.Client("tok_nobody").GetAsync((await host.RoomAsync()).Path + "/context"),

        ["pack_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("_install_pack", new { pack = "task_que" }),
        ["invalid_pack"] = async host => await (await host.UserAsync()).PostAsync("/rooms", new { template = new { name = "p" } }),
        ["scope_denied"] = async host => await (await host.UserAsync("rooms:*")).PostAsync("/rooms", new { }),
        ["identity_mismatch"] = async host =>
        {
            var room = await host.RoomAsync();
            var alice = await room.JoinAsync("alice");
            await room.JoinAsync("bob");
            return await alice.PostAsync(room.Path + "/actions/_send_message/invoke", new { agent = "bob", @params = new { body = "hi" } });
        },
        ["read_only_token"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.InvokeAsync("_send_message", new { body = "hi" }, host.Client(room.ViewToken));
        },
        ["room_token_required"] = async host =>
        {
            var room = await host.RoomAsync();
            return await (await room.MemberAsync("collaborator")).DeleteAsync(room.Path);
        },
        ["not_owner"] = async host =>
        {
            var room = await host.RoomAsync();
            return await (await room.MemberAsync("collaborator")).PostAsync(room.Path + "/invite", new { username = room.OwnerName, role = "observer" });
        },
        ["person_required"] = async host =>
        {
            var owner = host.Client(await host.MintAsync(SyncHost.NewName("owner")));
            var minted = (await owner.PostAsync("/tokens", new { scope = "rooms:*:read" })).AssertOk(201);
            return await owner.PatchAsync("/tokens/" + minted["id"].GetString(), new { keep = true });
        },
        ["lease_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("_release", new { key = "task:3" }),
        ["lease_required"] = async host => await (await host.RoomAsync()).InvokeAsync("_renew", new { key = "task:3" }),
        ["lease_lost"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.PostAsync(room.Path + "/actions/_claim/invoke", new { @params = new { key = "task:3" }, fence = 1 });
        },
        ["lease_held"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(new { from = "standard_library", id = "define_role" });
            (await room.InvokeAsync("define_role", new { role = "lead", description = "Leads." })).AssertOk();
            (await room.Owner.PostAsync(room.Path + "/agents", new { id = "alice", role = "lead" })).AssertOk(201);
            return await room.Owner.PostAsync(room.Path + "/agents", new { id = "bob", role = "lead" });
        },
        ["action_owned"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(Action("mine"), await room.JoinAsync("alice"));
            return await room.InvokeAsync("_register_action", Action("mine", key: "other"), await room.JoinAsync("bob"));
        },
        ["view_owned"] = async host =>
        {
            var room = await host.RoomAsync();
            (await room.InvokeAsync("_register_view", new { id = "mine", expr = "1" }, await room.JoinAsync("alice"))).AssertOk();
            return await room.InvokeAsync("_delete_view", new { id = "mine" }, await room.JoinAsync("bob"));
        },
        ["already_owned"] = async host =>
        {
            var room = await host.RoomAsync();
            return await (await host.UserAsync()).PostAsync(room.Path + "/claim", new { });
        },

        ["scope_exceeds_token"] = async host => await (await host.UserAsync("rooms:*:write")).PostAsync("/tokens", new { scope = "rooms:*" }),
        ["scope_exceeds_access"] = async host =>
        {
            var room = await host.RoomAsync();
            return await (await host.UserAsync()).PostAsync("/tokens", new { scope = $"rooms:{room.Id}" });
        },
        ["token_not_found"] = async host => await (await host.UserAsync()).DeleteAsync("/tokens/t_nothing"),
        ["invalid_scope"] = async host => await (await host.UserAsync()).PostAsync("/tokens", new { scope = "everything" }),
        ["last_owner"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.DeleteAsync($"{room.Path}/members/{room.OwnerName}");
        },

        ["not_found"] = host => host.Client().GetAsync("/nowhere"),
        ["room_not_found"] = async host => await (await host.UserAsync()).GetAsync("/rooms/no-such-room/context"),
        ["agent_not_found"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.PatchAsync(room.Path + "/agents/nobody", new { name = "x" });
        },
        ["action_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("nothing"),
        ["action_expired"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(new { id = "brief", writes = new[] { new { key = "k", value = 1 } }, timer = new { ticks = 1, tick_on = "_shared.k", effect = "delete" } });
            (await room.InvokeAsync("brief")).AssertOk();
            return await room.InvokeAsync("brief");
        },
        ["view_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("_delete_view", new { id = "nothing" }),
        ["help_key_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("help", new { key = "nothing" }),
        ["user_not_found"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.PostAsync(room.Path + "/transfer", new { username = "nobody-" + room.Id });
        },

        ["room_exists"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.PostAsync("/rooms", new { id = room.Id });
        },
        ["agent_exists"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.JoinAsync("alice");
            return await host.Client().PostAsync(room.Path + "/agents", new { id = "alice" });
        },
        ["precondition_failed"] = async host => await ActionAsync(host, new() { ["if"] = "state._shared.k == 1" }),
        ["paused"] = async host =>
        {
            var room = await host.RoomAsync();
            (await room.InvokeAsync("_pause", new { what = "room", reason = "It is late." })).AssertOk();
            return await room.InvokeAsync("_send_message", new { body = "hi" });
        },
        ["nothing_to_write"] = async host => await ActionAsync(host, new() { ["writes"] = new[] { new { key_expr = "state._shared.next", value = 1 } } }),
        ["action_disabled"] = async host => await ActionAsync(host, new() { ["enabled"] = "state._shared.k == 1" }),
        ["action_cooldown"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(new { id = "slow", writes = new[] { new { key = "k", value = 1 } }, on_invoke = new { timer = new { ms = 60000, effect = "enable" } } });
            (await room.InvokeAsync("slow")).AssertOk();
            return await room.InvokeAsync("slow");
        },
        ["version_conflict"] = async host => await ActionAsync(host, new() { ["writes"] = new[] { new { key = "k", value = 1, if_version = "0123456789abcdef" } } }),
        ["idempotency_conflict"] = async host =>
        {
            var room = await host.RoomAsync();
            var path = room.Path + "/actions/_send_message/invoke";
            (await room.Owner.PostAsync(path, new { @params = new { body = "one" }, request_id = "r" })).AssertOk();
            return await room.Owner.PostAsync(path, new { @params = new { body = "two" }, request_id = "r" });
        },

        ["invalid_json"] = async host => await (await host.UserAsync()).PostRawAsync("/rooms", "{"u8.ToArray()),
        ["invalid_parameter"] = async host => await GetAsync(host, "/context?depth=deep"),
        ["invalid_param"] = async host => await WithParamAsync(host, new { type = "string", @enum = new[] { "a" } }, new { p = "b" }),
        ["invalid_param_type"] = async host => await WithParamAsync(host, new { type = "number" }, new { p = "b" }),
        ["unknown_param"] = async host => await WithParamAsync(host, new { type = "any" }, new { q = 1 }),
        ["missing_param"] = async host => await WithParamAsync(host, new { type = "any", required = true }, new { }),
        ["unknown_field"] = async host => await (await host.UserAsync()).PostAsync("/rooms", new { idd = "x" }),
        ["invalid_cel"] = async host => await EvalAsync(host, "1 +"),
        ["not_readable"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.JoinAsync("alice");
            return await (await room.JoinAsync("bob")).PostAsync(room.Path + "/eval", new { expr = "state.alice" });
        },
        ["consent_required"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(Publishing, await room.JoinAsync("alice"));
            return await room.InvokeAsync("publish", new { }, await room.JoinAsync("bob"));
        },
        ["action_changed"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(Action("mine"));
            return await room.Owner.PostAsync(room.Path + "/actions/mine/invoke", new { if_action_version = "0000000000000000" });
        },
        ["approval_not_found"] = async host => await (await host.RoomAsync()).InvokeAsync("_decide", new { approval = "a1", decision = "reject" }),
        ["approval_required"] = async host =>
        {
            var room = await host.RoomAsync();
            await room.RegisterAsync(Gated);
            return await room.InvokeAsync("_batch", new { steps = new[] { new { action = "bump" } } });
        },
        ["approval_changed"] = async host =>
        {
            var (room, id) = await AskedAsync(host);
            await room.RegisterAsync(new { id = "other", writes = new[] { new { key = "n", increment = 1 } } });
            (await room.InvokeAsync("other")).AssertOk();
            return await room.InvokeAsync("_decide", new { approval = id, decision = "accept" });
        },
        ["approval_decided"] = async host =>
        {
            var (room, id) = await AskedAsync(host);
            (await room.InvokeAsync("_decide", new { approval = id, decision = "reject" })).AssertOk();
            return await room.InvokeAsync("_decide", new { approval = id, decision = "accept" });
        },
        ["reserved_id"] = async host => await (await host.RoomAsync()).InvokeAsync("_register_action", Action("help")),
        ["cel_error"] = async host => await EvalAsync(host, "1 / 0"),
        ["cel_limit_exceeded"] = async host => await EvalAsync(host, new string('(', 500) + "1" + new string(')', 500)),
        ["invalid_timer"] = async host => await RegisterAsync(host, new() { ["timer"] = new { ms = 1, ticks = 1 } }),
        ["invalid_template"] = async host => await RegisterAsync(host, new() { ["writes"] = new[] { new { key = "${params.unknown}", value = 1 } } }),
        ["invalid_id"] = async host => await (await host.UserAsync()).PostAsync("/rooms", new { id = "no spaces" }),

        ["payload_too_large"] = async host => await (await host.UserAsync()).PostRawAsync("/rooms", Encoding.UTF8.GetBytes("{\"name\":\"" + new string('x', 5_000_000) + "\"}")),
        ["rate_limited"] = async _ =>
        {
            await using var strict = new SyncHost(new() { ["Sync:Limits:AnonymousRequestsPerSecond"] = "1" });
            await strict.InitializeAsync();
            return (await SyncHost.BurstAsync(20, () => strict.Client().GetAsync("/openapi/v1.json"))).First(reply => reply.Status == 429);
        },
        ["cursor_reset"] = async host =>
        {
            var room = await host.RoomAsync();
            return await room.Owner.GetAsync(room.Path + "/context?since=1.000000000000");
        },
        ["vault_deprecated"] = host => host.Client().GetAsync("/vault"),
        ["unavailable"] = async _ =>
        {
            await using var broken = new SyncHost([], services => services.AddSingleton<OpenApiDocument>(_ => throw new InvalidOperationException("A secret.")));
            await broken.InitializeAsync();
            var reply = await broken.Client().GetAsync("/openapi/v1.json");
            Assert.DoesNotContain("secret", reply.Text, StringComparison.Ordinal);
            Assert.Contains("A secret.", Assert.Single(broken.Errors.Entries), StringComparison.Ordinal);
            return reply;
        },
    };

    /// <summary>A call for each code that is refused with it.</summary>
    internal static IReadOnlyDictionary<string, Func<SyncHost, Task<ApiReply>>> Refused => s_cases;

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Code_Provoked_AnswersInTheOneShapeWithItsStatus(string code)
    {
        var reply = await s_cases[code](host);

        reply.AssertRefusal(code, ErrorStatus.Of(ErrorCode.All[code].Kind));
    }

    [Fact]
    public void Codes_All_AreProvokedOrSaidToBeImpossible() =>
        Assert.Equal(ErrorCode.All.Keys.Order(StringComparer.Ordinal), s_cases.Keys.Concat(s_notYet.Keys).Order(StringComparer.Ordinal));

    [Fact]
    public async Task AuthenticationRequired_SaysWhereTokensComeFrom()
    {
        var reply = await host.Client().GetAsync("/rooms");

        reply.AssertRefusal("authentication_required", 401);
        Assert.Equal("Bearer resource_metadata=\"http://localhost:5080/.well-known/oauth-protected-resource\"", reply.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task RateLimited_SaysWhenToComeBack()
    {
        var reply = await s_cases["rate_limited"](host);

        Assert.True(int.Parse(reply.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) >= 1); // The assertion below would be of no use without it.
    }

    [Fact]
    public async Task ScopeDenied_InARoom_NamesTheRoomAndTheWayToGetIt()
    {
        var room = await host.RoomAsync();
        var other = host.Client(await host.MintAsync(room.OwnerName, "rooms:another-room"));

        var reply = await other.GetAsync(room.Path + "/context");

        reply.AssertRefusal("scope_denied", 403);
        Assert.Equal(room.Id, reply["room"].GetString());
        Assert.StartsWith("http://localhost:5080/auth/elevate?", reply["elevate"].GetString(), StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(reply["hint"].GetString()));
    }

    [Fact]
    public async Task UnknownPath_NearAnEndpoint_GetsTheNameOfThatEndpoint()
    {
        var reply = await host.Client().GetAsync("/rooms/r/contxt");

        reply.AssertRefusal("not_found", 404);
        Assert.Equal("GET /rooms/r/context", reply["endpoints"][0].GetString());
    }

    [Fact]
    public async Task UnknownPath_ForABrowser_GetsAPage()
    {
        var reply = await host.Client().SendAsync(HttpMethod.Get, "/nowhere", content: null, ("Accept", "text/html,*/*;q=0.8"));

        Assert.Equal(404, reply.Status);
        Assert.StartsWith("text/html", reply.Header("Content-Type"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongMethod_OfAnEndpoint_NamesTheRightOnes()
    {
        var reply = await host.Client().SendAsync(HttpMethod.Put, "/rooms", content: null);

        reply.AssertRefusal("not_found", 405);
        Assert.Superset(new HashSet<string> { "GET", "POST" }, reply.Header("Allow")?.Split(", ").ToHashSet() ?? []);
    }

    [Fact]
    public async Task UnknownFile_Get_IsNotFound() => (await host.Client().GetAsync("/nothing.json")).AssertRefusal("not_found", 404);

    [Fact]
    public async Task UnknownQueryParameter_NearAKnownOne_NamesIt()
    {
        var reply = await GetAsync(host, "/audit?limt=3");

        reply.AssertRefusal("invalid_parameter", 400);
        Assert.Equal("limit", reply["did_you_mean"].GetString());
    }

    [Fact]
    public async Task UnknownField_NearAKnownOne_NamesIt()
    {
        var reply = await (await host.UserAsync()).PostAsync("/rooms", new { nmae = "x" });

        reply.AssertRefusal("unknown_field", 400);
        Assert.Equal("name", reply["did_you_mean"].GetString());
    }

    private static object Action(string id, string key = "k") => new { id, writes = new[] { new { key, value = 1 } } };

    private static Task<ApiReply> RegisterAsync(SyncHost host, Dictionary<string, object> extra) => RegisterAsync(host, extra, out _);

    private static Task<ApiReply> RegisterAsync(SyncHost host, Dictionary<string, object> extra, out Task<TestRoom> room)
    {
        var made = room = host.RoomAsync();
        return Register();

        async Task<ApiReply> Register()
        {
            var definition = new Dictionary<string, object> { ["id"] = "act", ["writes"] = new[] { new { key = "k", value = 1 } } };
            foreach (var (name, value) in extra)
            {
                definition[name] = value;
            }

            return await (await made).InvokeAsync("_register_action", definition);
        }
    }

    private static async Task<ApiReply> ActionAsync(SyncHost host, Dictionary<string, object> extra)
    {
        (await RegisterAsync(host, extra, out var room)).AssertOk();
        return await (await room).InvokeAsync("act");
    }

    private static async Task<ApiReply> WithParamAsync(SyncHost host, object parameter, object given)
    {
        (await RegisterAsync(host, new() { ["params"] = new { p = parameter } }, out var room)).AssertOk();
        return await (await room).InvokeAsync("act", given);
    }

    private static async Task<ApiReply> GetAsync(SyncHost host, string rest)
    {
        var room = await host.RoomAsync();
        return await room.Owner.GetAsync(room.Path + rest);
    }

    private static async Task<ApiReply> EvalAsync(SyncHost host, string expr)
    {
        var room = await host.RoomAsync();
        return await room.Owner.PostAsync(room.Path + "/eval", new { expr });
    }
}
