using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Sync.Engine.Tests.Model.Authority;

namespace Sync.Web.Tests.Authority;

/// <summary>Every party, right and object of the rule of authority over HTTP, MCP and what a page calls, against the model that is written from the specification alone.</summary>
public sealed class AuthoritySurfacesTests
{
    private static readonly string[] s_private = ["olga", "pat", "alice", "gina"];
    private static readonly string[] s_scopes = ["_shared", "_config", "_help", "_agents", .. s_private];

    [Fact]
    public async Task Register_OverEveryDoor_IsTakenAsTheModelSays()
    {
        await using var server = await AuthorityServer.OpenAsync();
        await EachSurfaceAsync(server, async (surface, wrong) =>
        {
            foreach (var scope in s_scopes)
            {
                foreach (var reach in (bool[])[false, true])
                {
                    var answer = await surface.InvokeAsync("_register_action", DefinitionModel.Action("probe", scope, reach, []), dryRun: true);
                    Compare(wrong, server.Model.MayRegister(surface.Party, scope, reach), answer, surface, $"registers for {scope}, reach {reach}", "scope_denied");
                    Leaks(server, wrong, answer, surface, allowed: null, "registering");
                }
            }
        });
    }

    [Fact]
    public async Task Write_OverEveryDoor_IsAllowedAsTheModelSays()
    {
        await using var server = await AuthorityServer.OpenAsync();
        var cases = new List<(string Action, DefinitionModel Definition, ScopeTemplate Template, string Target)>();
        foreach (var definition in Definitions(server))
        {
            foreach (var template in Enum.GetValues<ScopeTemplate>())
            {
                foreach (var target in template == ScopeTemplate.Self ? ["self"] : s_scopes)
                {
                    // Refused when it is registered; the parameters stand for it here.
                    if (template == ScopeTemplate.Literal && target == "_agents")
                    {
                        continue;
                    }

                    var id = $"w{cases.Count}";
                    await server.RegisterAsync(definition.Registrant, "action", Writing(id, definition, template, target));
                    cases.Add((id, definition, template, target));
                }
            }
        }

        Assert.True(cases.Count > 150, $"{cases.Count} definitions");
        await EachSurfaceAsync(server, async (surface, wrong) =>
        {
            foreach (var (action, definition, template, target) in cases)
            {
                var scope = template == ScopeTemplate.Self ? surface.Party.Id : target;
                JsonObject given = template == ScopeTemplate.GivenParameter ? new JsonObject { ["scope"] = target } : [];
                var expected = server.Model.MayWrite(definition, surface.Party, template, scope);

                var answer = await surface.InvokeAsync(action, given, dryRun: true);

                Compare(wrong, expected, answer, surface, $"writes to {scope} by {template} through {definition.Name}", "scope_denied");
                Leaks(server, wrong, answer, surface, allowed: null, $"{template} {scope} through {definition.Name}");
            }
        });
    }

    [Fact]
    public async Task Read_OverEveryDoor_ShowsWhatTheModelSays()
    {
        await using var server = await AuthorityServer.OpenAsync();
        var actions = new List<(string Id, ExpressionKind Kind, DefinitionModel Definition, string Target)>();
        var views = new List<(string Id, ExpressionKind Kind, DefinitionModel Definition, string Target)>();
        foreach (var definition in Definitions(server))
        {
            foreach (var target in (string[])["self", .. s_private])
            {
                foreach (var kind in (ExpressionKind[])[ExpressionKind.ActionIf, ExpressionKind.ActionEnabled, ExpressionKind.ActionValue, ExpressionKind.ActionResult])
                {
                    var id = $"a{actions.Count}";
                    await server.RegisterAsync(definition.Registrant, "action", Reading(id, kind, definition, target));
                    actions.Add((id, kind, definition, target));
                }

                if (definition.ReachAll)
                {
                    continue;
                }

                foreach (var kind in (ExpressionKind[])[ExpressionKind.View, ExpressionKind.ViewEnabled])
                {
                    var id = $"v{views.Count}";
                    var whose = target == "self" ? "pat" : target;
                    var view = new JsonObject { ["id"] = id, ["scope"] = definition.Scope, ["expr"] = kind == ExpressionKind.View ? AuthorityServer.Tells(target, whose) : "true" };
                    if (kind == ExpressionKind.ViewEnabled)
                    {
                        view["enabled"] = AuthorityServer.Tells(target, whose);
                    }

                    await server.RegisterAsync(definition.Registrant, "view", view);
                    views.Add((id, kind, definition, target));
                }
            }
        }

        await EachSurfaceAsync(server, async (surface, wrong) =>
        {
            foreach (var (id, kind, definition, target) in actions)
            {
                var whose = target == "self" ? surface.Party.Id : target;
                var reads = target == "self" ? server.Model.SelfIn(kind, definition, surface.Party) == whose : server.Model.MayRead(kind, definition, surface.Party, target);
                var what = $"{kind} of {target} through {definition.Name}";
                var isGuard = kind is ExpressionKind.ActionIf or ExpressionKind.ActionEnabled;
                // What values are written for good everybody reads, so that these are tried dry only.
                foreach (var dryRun in kind == ExpressionKind.ActionValue ? (bool[])[true] : [true, false])
                {
                    // A guard of self asks for alice, so that one and the same text holds for one party and not for another.
                    var holds = target == "self" && isGuard ? surface.Party.Id == "alice" : reads;
                    var answer = await surface.InvokeAsync(id, [], dryRun);
                    if (surface.Party.Right < Right.Write)
                    {
                        Compare(wrong, expected: false, answer, surface, what, "scope_denied");
                    }
                    else if (isGuard)
                    {
                        Note(wrong, holds == answer.IsAllowed, answer, surface, $"{what}, dry run {dryRun}, expected {holds}");
                    }
                    else
                    {
                        // What it may publish it shows when it does; a dry run shows the invoker what it may read itself.
                        var isOwn = target == "self" || server.Model.MayRead(ExpressionKind.ReadersOwn, definition, Eyes(surface), target);
                        var isShown = reads && (isOwn || !dryRun);
                        Note(wrong, isShown == answer.Text.Contains(AuthorityServer.SecretOf(whose), StringComparison.Ordinal), answer, surface, $"{what}, dry run {dryRun}, expected {isShown}");
                    }

                    Leaks(server, wrong, answer, surface, reads ? whose : null, what);
                }

                if (isGuard && await surface.ExplainAsync(id) is { } why)
                {
                    Leaks(server, wrong, why, surface, reads ? whose : null, "explained " + what);
                }
            }

            foreach (var target in s_private)
            {
                var seesView = surface.Party.Id == AuthorityServer.Shown;
                var expected = !seesView && server.Model.MayRead(ExpressionKind.ReadersOwn, new DefinitionModel(surface.Party, "_shared"), Eyes(surface), target);
                var answer = await surface.EvalAsync(AuthorityServer.Read(target));
                Note(wrong, expected == answer.Text.Contains(AuthorityServer.SecretOf(target), StringComparison.Ordinal), answer, surface, $"evaluates {target}, expected {expected}");
                Leaks(server, wrong, answer, surface, expected ? target : null, $"evaluating {target}");
                if (await surface.WaitAsync(AuthorityServer.Tells(target, target)) is { } waited)
                {
                    Note(wrong, expected == (waited.Field("triggered") == "true"), waited, surface, $"waits for {target}, expected {expected}");
                    Leaks(server, wrong, waited, surface, expected ? target : null, $"waiting for {target}");
                }
            }

            foreach (var reading in await surface.ReadAsync())
            {
                Leaks(server, wrong, reading, surface, allowed: null, "reading");
                if (surface.Party.Id == AuthorityServer.Shown)
                {
                    continue;
                }

                Note(wrong, reading.IsAllowed, reading, surface, "reads");
                var shown = AuthoritySurface.Views(reading);
                foreach (var (id, kind, definition, target) in views)
                {
                    // A view of self asks for pat.
                    var expected = target == "self" ? server.Model.SelfIn(kind, definition, surface.Party) == "pat" : server.Model.MayRead(kind, definition, surface.Party, target);
                    var read = kind == ExpressionKind.View ? shown.GetValueOrDefault(id) == "true" : shown.ContainsKey(id);
                    Note(wrong, expected == read, null, surface, $"{kind} of {target} in {definition.Name}, expected {expected}");
                }
            }
        });
    }

    [Fact]
    public async Task Entries_OverEveryDoor_ShowByTheScopeTheyStandIn()
    {
        await using var server = await AuthorityServer.OpenAsync();
        foreach (var target in s_private)
        {
            var planted = new JsonArray([.. (IEnumerable<JsonNode>)[.. new[] { "_shared" }.Append(target).Select(scope => new JsonObject { ["scope"] = scope, ["key"] = "of-" + target, ["value"] = $"planted-{scope}-{target}", ["enabled"] = AuthorityServer.Tells(target, target) })]]);
            await server.RegisterAsync(server["olga"], "action", DefinitionModel.Action("plant", "_shared", reach: true, planted));
            await server.InvokeAsync(server["olga"], "plant");
        }

        await EachSurfaceAsync(server, async (surface, wrong) =>
        {
            var shared = await surface.EvalAsync("state._shared");
            foreach (var target in s_private)
            {
                var own = surface.Party.Id == target || (surface.Party.Id == "gina" && target == "alice") || (surface.Party.Id == "olga" && surface is not McpSurface);
                var state = await surface.EvalAsync($"state[\"{target}\"]");
                Note(wrong, !shared.Text.Contains($"planted-_shared-{target}", StringComparison.Ordinal), shared, surface, $"is shown an entry by what {target} keeps");
                Note(wrong, own == state.Text.Contains($"planted-{target}-{target}", StringComparison.Ordinal), state, surface, $"the entry in {target}, expected {own}");
            }
        });
    }

    [Fact]
    public async Task Consent_OverEveryDoor_IsAskedForAsTheModelSays()
    {
        await using var server = await AuthorityServer.OpenAsync();
        var registrants = server.Model.Parties.Where(static party => party.Right > Right.Read).ToArray();
        foreach (var registrant in registrants)
        {
            await server.RegisterAsync(registrant, "action", DefinitionModel.Action("show-" + registrant.Id, "_shared", reach: false, [new JsonObject { ["key"] = "k", ["value"] = "state.self.secret", ["expr"] = true }]));
        }

        await EachSurfaceAsync(server, async (surface, wrong) =>
        {
            foreach (var registrant in registrants.Where(_ => surface.Party.Right > Right.Read))
            {
                var expected = server.Model.NeedsConsent(new DefinitionModel(registrant, "_shared"), surface.Party, "_shared", isShown: false);
                var without = await surface.InvokeAsync("show-" + registrant.Id, [], dryRun: true, consents: false);
                Compare(wrong, !expected, without, surface, $"publishes through {registrant.Id}'s", "consent_required");
                var with = await surface.InvokeAsync("show-" + registrant.Id, [], dryRun: true);
                Compare(wrong, expected: true, with, surface, $"agrees to {registrant.Id}'s", "");
                Leaks(server, wrong, without, surface, allowed: null, "asking");
            }
        });
    }

    private static async Task EachSurfaceAsync(AuthorityServer server, Func<AuthoritySurface, ConcurrentQueue<string>, Task> tryAsync)
    {
        var wrong = new ConcurrentQueue<string>();
        await Task.WhenAll(server.Surfaces.Select(surface => tryAsync(surface, wrong)));
        Assert.True(wrong.IsEmpty, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(40))}");
        Assert.NotEmpty(server.Log.Entries);
        Assert.DoesNotContain(server.Log.Entries, static line => line.Contains(AuthorityServer.Prefix, StringComparison.Ordinal));
    }

    /// <summary>Allowed or refused as expected, and refused with the code that belongs to it.</summary>
    private static void Compare(ConcurrentQueue<string> wrong, bool expected, SurfaceAnswer answer, AuthoritySurface surface, string what, string code)
    {
        var refusal = surface.Party.Id == AuthorityServer.Shown ? "scope_denied" : surface.Party.Right < Right.Write ? "read_only_token" : code;
        Note(wrong, expected ? answer.IsAllowed : answer.Code == refusal, answer, surface, $"{what}, expected {(expected ? "yes" : refusal)}");
    }

    private static void Note(ConcurrentQueue<string> wrong, bool isRight, SurfaceAnswer? answer, AuthoritySurface surface, string what)
    {
        if (!isRight)
        {
            wrong.Enqueue($"{surface.GetType().Name}: {surface.Party.Id} {what}: {answer?.Code ?? "ok"} {answer?.Text[..Math.Min(answer.Text.Length, 300)]}");
        }
    }

    /// <summary>No answer has a private value that its reader may not read and that no action of its owner gives it.</summary>
    private static void Leaks(AuthorityServer server, ConcurrentQueue<string> wrong, SurfaceAnswer answer, AuthoritySurface surface, string? allowed, string what)
    {
        foreach (var party in server.Model.Parties.Where(party => party.Right > Right.Read && party.Id != allowed))
        {
            var isOwn = surface.Party.Right > Right.Read && server.Model.MayRead(ExpressionKind.ReadersOwn, new DefinitionModel(surface.Party, "_shared"), Eyes(surface), party.Id);
            Note(wrong, isOwn || !answer.Text.Contains(AuthorityServer.SecretOf(party.Id), StringComparison.Ordinal), answer, surface, $"gets the secret of {party.Id} by {what}");
        }
    }

    /// <summary>Who embodies an agent looks with its eyes, an owner too.</summary>
    private static Party Eyes(AuthoritySurface surface) =>
        surface is McpSurface && surface.Party.Right == Right.Full ? surface.Party with { Right = Right.Write } : surface.Party;

    private static IEnumerable<DefinitionModel> Definitions(AuthorityServer server) =>
        from registrant in (Party[])[server["olga"], server["pat"], server["alice"], server["gina"]]
        from scope in (string[])["_shared", "alice"]
        from reach in (bool[])[false, true]
        where server.Model.MayRegister(registrant, scope, reach) && !(reach && scope != "_shared")
        select new DefinitionModel(registrant, scope, reach);

    private static JsonObject Writing(string id, DefinitionModel definition, ScopeTemplate template, string target)
    {
        var scope = template switch
        {
            ScopeTemplate.Literal => target,
            ScopeTemplate.Self => "${self}",
            _ => "${params.scope}",
        };
        var action = DefinitionModel.Action(id, definition.Scope, definition.ReachAll, [new JsonObject { ["scope"] = scope, ["key"] = "k", ["value"] = 1 }]);
        action["params"] = template switch
        {
            ScopeTemplate.GivenParameter => new JsonObject { ["scope"] = "string" },
            ScopeTemplate.DefaultParameter => new JsonObject { ["scope"] = new JsonObject { ["type"] = "string", ["default"] = target } },
            _ => new JsonObject(),
        };
        return action;
    }

    private static JsonObject Reading(string id, ExpressionKind kind, DefinitionModel definition, string target)
    {
        var action = DefinitionModel.Action(id, definition.Scope, definition.ReachAll, []);
        switch (kind)
        {
            case ExpressionKind.ActionIf or ExpressionKind.ActionEnabled:
                action[kind == ExpressionKind.ActionIf ? "if" : "enabled"] = AuthorityServer.Tells(target, target == "self" ? "alice" : target);
                break;
            case ExpressionKind.ActionResult:
                action["result"] = AuthorityServer.Read(target);
                break;
            default:
                action["writes"] = new JsonArray(new JsonObject { ["scope"] = "_out", ["key"] = "${self}", ["value"] = AuthorityServer.Read(target), ["expr"] = true });
                break;
        }

        return action;
    }
}
