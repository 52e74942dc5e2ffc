using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>Every party, right and object of the rule of authority, against a model written from the specification alone.</summary>
public sealed class AuthorityMatrixTests
{
    private static readonly string[] s_targets = ["_shared", "_notes", "_config", "_help", "_agents", "olga", "pat", "alice", "bob", "gina"];

    [Fact]
    public async Task Register_OfEveryScopeByEveryParty_IsTakenAsTheModelSays()
    {
        await using var room = await AuthorityRoom.OpenAsync();
        foreach (var party in room.Model.Parties)
        {
            foreach (var scope in s_targets)
            {
                foreach (var reach in (bool[])[false, true])
                {
                    var definition = DefinitionModel.Action("probe", scope, reach, new JsonArray());
                    var expected = room.Model.MayRegister(party, scope, reach);

                    var outcome = await room.Host.TryInvokeAsync(room.Callers[party.Id], AuthorityRoom.Id, "_register_action", definition.ToJsonString(), dryRun: true);

                    Assert.True(expected == outcome.Error is null, $"{party.Id} registers for {scope}, reach {reach}: {outcome.Error?.Code}");
                    Assert.True(outcome.Error is null || outcome.Error.Code == ErrorCode.ScopeDenied, $"{outcome.Error?.Code}: {outcome.Error?.Message}");
                }
            }
        }
    }

    [Fact]
    public async Task Write_ToEveryScopeThroughEveryDefinition_IsAllowedAsTheModelSays()
    {
        await using var room = await AuthorityRoom.OpenAsync();
        var tried = 0;
        foreach (var definition in Definitions(room.Model))
        {
            foreach (var template in Enum.GetValues<ScopeTemplate>())
            {
                foreach (var target in template == ScopeTemplate.Self ? ["self"] : s_targets)
                {
                    if (template == ScopeTemplate.Literal && target == "_agents")
                    {
                        // Refused when it is registered; the parameters stand for it here.
                        continue;
                    }

                    await room.RegisterAsync(definition.Registrant, Writing(definition, template, target));
                    foreach (var invoker in room.Model.Parties)
                    {
                        var scope = template == ScopeTemplate.Self ? invoker.Id : target;
                        var expected = room.Model.MayWrite(definition, invoker, template, scope);
                        var given = template == ScopeTemplate.GivenParameter ? new JsonObject { ["scope"] = target } : [];

                        var outcome = await room.InvokeAsync(invoker, "probe", given, dryRun: true);

                        Assert.True(expected == outcome.Error is null, $"{invoker.Id} through {definition.Name}, {template} {scope}: {outcome.Error?.Code} {outcome.Error?.Message}");
                        Assert.True(outcome.Error is null || outcome.Error.Code == ErrorCode.ScopeDenied, $"{outcome.Error?.Code}: {outcome.Error?.Message}");
                        tried++;
                    }
                }
            }
        }

        Assert.True(tried > 1_500, $"{tried} writes");
    }

    [Theory]
    [InlineData(ExpressionKind.ActionIf)]
    [InlineData(ExpressionKind.ActionEnabled)]
    [InlineData(ExpressionKind.ActionValue)]
    [InlineData(ExpressionKind.ActionResult)]
    [InlineData(ExpressionKind.View)]
    [InlineData(ExpressionKind.ViewEnabled)]
    [InlineData(ExpressionKind.EntryEnabled)]
    [InlineData(ExpressionKind.ReadersOwn)]
    public async Task Read_OfEveryScopeInEveryExpression_IsAllowedAsTheModelSays(ExpressionKind kind)
    {
        await using var room = await AuthorityRoom.OpenAsync();
        foreach (var definition in Definitions(room.Model).Where(d => Fits(kind, d)))
        {
            foreach (var target in (string[])["olga", "pat", "alice", "bob", "gina"])
            {
                await PlantAsync(room, kind, definition, $"state[\"{target}\"].secret == \"{AuthorityRoom.SecretOf(target)}\"");
                foreach (var reader in room.Model.Parties)
                {
                    var expected = room.Model.MayRead(kind, definition, reader, target);
                    var read = await ReadsAsync(room, kind, definition, reader, $"state[\"{target}\"].secret == \"{AuthorityRoom.SecretOf(target)}\"");
                    Assert.True(expected == read, $"{reader.Id} reads {target} in {kind} of {definition.Name}: {read}");
                }
            }

            foreach (var owner in (string[])["olga", "alice", "bob"])
            {
                await PlantAsync(room, kind, definition, $"state.self.secret == \"{AuthorityRoom.SecretOf(owner)}\"");
                foreach (var reader in room.Model.Parties)
                {
                    var expected = room.Model.SelfIn(kind, definition, reader) == owner;
                    var read = await ReadsAsync(room, kind, definition, reader, $"state.self.secret == \"{AuthorityRoom.SecretOf(owner)}\"");
                    Assert.True(expected == read, $"{reader.Id} reads state.self as {owner} in {kind} of {definition.Name}: {read}");
                }
            }
        }
    }

    [Theory]
    [InlineData(ExpressionKind.ActionIf)]
    [InlineData(ExpressionKind.ActionEnabled)]
    [InlineData(ExpressionKind.ActionValue)]
    [InlineData(ExpressionKind.ActionResult)]
    [InlineData(ExpressionKind.View)]
    [InlineData(ExpressionKind.ViewEnabled)]
    [InlineData(ExpressionKind.EntryEnabled)]
    [InlineData(ExpressionKind.ReadersOwn)]
    public async Task StateSelf_InWhatIsReached_IsReadableAsTheModelSays(ExpressionKind from)
    {
        await using var room = await AuthorityRoom.OpenAsync();
        var bob = room.Model.Parties.Single(party => party.Id == "bob");
        var pat = room.Model.Parties.Single(party => party.Id == "pat");
        await room.Host.ViewAsync(room.Callers["pat"], AuthorityRoom.Id, """{"id":"mine","expr":"state.self.secret == \"sentinel-of-bob\""}""");
        await room.Host.RegisterAsync(room.Callers["pat"], AuthorityRoom.Id, """{"id":"gate","if":"state.self.secret == \"sentinel-of-bob\"","writes":[]}""");
        var definition = new DefinitionModel(pat, "_shared");
        foreach (var expression in (string[])["views.mine", "actions.gate.available"])
        {
            await PlantAsync(room, from, definition, expression);

            Assert.True(room.Model.PassesSelf(from) == await ReadsAsync(room, from, definition, bob, expression), $"{expression} from {from}");
        }
    }

    [Fact]
    public async Task Consent_ForEveryRegistrantAndInvoker_IsAskedForAsTheModelSays()
    {
        await using var room = await AuthorityRoom.OpenAsync();
        await room.Host.ViewAsync(room.Callers["bob"], AuthorityRoom.Id, """{"id":"bobs","scope":"self","expr":"state.self.shown"}""");
        foreach (var registrant in room.Model.Parties)
        {
            var definition = new DefinitionModel(registrant, "_shared");
            foreach (var (target, key) in ((string, string)[])[("_shared", "k"), ("self", "k"), ("self", "shown")])
            {
                await room.RegisterAsync(registrant, DefinitionModel.Action("probe", "_shared", reach: false, new JsonArray(new JsonObject
                {
                    ["scope"] = target == "self" ? "${self}" : target,
                    ["key"] = key,
                    ["value"] = "state.self.secret",
                    ["expr"] = true,
                })));
                foreach (var invoker in room.Model.Parties)
                {
                    var scope = target == "self" ? invoker.Id : target;
                    var expected = room.Model.NeedsConsent(definition, invoker, scope, isShown: invoker.Id == "bob" && key == "shown");

                    var without = await room.InvokeAsync(invoker, "probe", consents: false, dryRun: true);
                    var with = await room.InvokeAsync(invoker, "probe", consents: true, dryRun: true);

                    Assert.True(expected == (without.Error?.Code == ErrorCode.ConsentRequired), $"{invoker.Id} publishes to {scope}.{key} through {registrant.Id}'s: {without.Error?.Code}");
                    Assert.True(expected || without.Error is null, without.Error?.Message);
                    Assert.Null(with.Error);
                }
            }
        }
    }

    [Fact]
    public async Task Change_OfEveryDefinitionByEveryParty_IsAllowedAsTheModelSays()
    {
        await using var room = await AuthorityRoom.OpenAsync();
        var cora = await room.Host.UserAsync("cora", "rooms:*");
        await room.Host.Engine.Rooms.InviteAsync(room.Host.Owner, AuthorityRoom.Id, "cora", Role.Collaborator, EngineHost.Cancel);
        foreach (var definition in Definitions(room.Model).Where(static d => !d.ReachAll))
        {
            foreach (var what in (string[])["action", "view"])
            {
                var text = what == "action" ? DefinitionModel.Action("probe", definition.Scope, reach: false, new JsonArray()) : View(definition, "1");
                await room.Host.InvokeAsync(room.Callers[definition.Registrant.Id], AuthorityRoom.Id, $"_register_{what}", text.ToJsonString());
                foreach (var (party, caller, isCollaborator) in room.Model.Parties.Select(party => (party, room.Callers[party.Id], false)).Append((new Party("cora", Right.Write, "cora"), cora, true)))
                {
                    var expected = room.Model.MayChange(definition, party, isCollaborator);
                    var other = what == "action" ? """{"id":"probe","description":"other","writes":[]}""" : """{"id":"probe","expr":"2"}""";
                    foreach (var (action, parameters) in ((string, string)[])[($"_register_{what}", other), ($"_delete_{what}", """{"id":"probe"}""")])
                    {
                        var outcome = await room.Host.TryInvokeAsync(caller, AuthorityRoom.Id, action, parameters, dryRun: true);
                        Assert.True(expected == outcome.Error is null, $"{party.Id} {action} of {definition.Name}: {outcome.Error?.Code}");
                    }
                }

                await room.Host.InvokeAsync(room.Host.Owner, AuthorityRoom.Id, $"_delete_{what}", """{"id":"probe"}""");
            }
        }
    }

    private static IEnumerable<DefinitionModel> Definitions(AuthorityModel model)
    {
        foreach (var registrant in model.Parties.Where(static party => party.Id is "olga" or "pat" or "alice" or "gina"))
        {
            foreach (var scope in (string[])["_shared", "alice", "olga"])
            {
                foreach (var reach in (bool[])[false, true])
                {
                    if (model.MayRegister(registrant, scope, reach))
                    {
                        yield return new DefinitionModel(registrant, scope, reach);
                    }
                }
            }
        }
    }

    private static bool Fits(ExpressionKind kind, DefinitionModel definition) => kind switch
    {
        ExpressionKind.ReadersOwn => definition is { Registrant.Id: "olga", Scope: "_shared", ReachAll: false },
        ExpressionKind.View or ExpressionKind.ViewEnabled or ExpressionKind.EntryEnabled => !definition.ReachAll,
        _ => true,
    };

    private static async Task PlantAsync(AuthorityRoom room, ExpressionKind kind, DefinitionModel definition, string expression)
    {
        switch (kind)
        {
            case ExpressionKind.ReadersOwn:
                return;
            case ExpressionKind.View:
                await room.ViewAsync(definition.Registrant, View(definition, expression));
                return;
            case ExpressionKind.ViewEnabled:
                var view = View(definition, "true");
                view["enabled"] = expression;
                await room.ViewAsync(definition.Registrant, view);
                return;
            case ExpressionKind.EntryEnabled:
                // The owner may put an entry anywhere; where it stands is what counts.
                await room.Host.RegisterAsync(room.Host.Owner, AuthorityRoom.Id, DefinitionModel.Action("plant", "_shared", reach: true, new JsonArray(new JsonObject
                {
                    ["scope"] = definition.Scope,
                    ["key"] = "planted",
                    ["value"] = true,
                    ["enabled"] = expression,
                })).ToJsonString());
                await room.Host.InvokeAsync(room.Host.Owner, AuthorityRoom.Id, "plant");
                return;
        }

        var action = DefinitionModel.Action("probe", definition.Scope, definition.ReachAll, new JsonArray());
        switch (kind)
        {
            case ExpressionKind.ActionIf:
                action["if"] = expression;
                break;
            case ExpressionKind.ActionEnabled:
                action["enabled"] = expression;
                break;
            case ExpressionKind.ActionResult:
                action["result"] = expression;
                break;
            default:
                action["writes"] = new JsonArray(new JsonObject { ["scope"] = "_out", ["key"] = "${self}", ["value"] = expression, ["expr"] = true });
                break;
        }

        await room.RegisterAsync(definition.Registrant, action);
    }

    private static async Task<bool> ReadsAsync(AuthorityRoom room, ExpressionKind kind, DefinitionModel definition, Party reader, string expression)
    {
        var caller = room.Callers[reader.Id];
        switch (kind)
        {
            case ExpressionKind.ReadersOwn:
                return (await room.Host.Engine.Context.EvalAsync(caller, AuthorityRoom.Id, expression, EngineHost.Cancel)).Try(out var json, out _) && EngineHost.Node(json)["value"].Flag();
            case ExpressionKind.View:
                return (await room.Host.ContextAsync(caller, AuthorityRoom.Id, "only=views"))["views"]!["probe"]!["value"] is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.True;
            case ExpressionKind.ViewEnabled:
                return (await room.Host.ContextAsync(caller, AuthorityRoom.Id, "only=views"))["views"]!["probe"] is not null;
            case ExpressionKind.EntryEnabled:
                // Whether it shows is the same for everybody; an owner sees every scope.
                return (await room.Host.ContextAsync(room.Host.Owner, AuthorityRoom.Id, "only=state"))["state"]![definition.Scope]?["planted"] is not null;
        }

        var outcome = await room.InvokeAsync(reader, "probe");
        return kind switch
        {
            ExpressionKind.ActionResult => outcome.Value["result"] is JsonValue result && result.GetValueKind() == System.Text.Json.JsonValueKind.True,
            ExpressionKind.ActionValue => outcome.Error is null && outcome.Value["writes"]![0]!["value"] is JsonValue written && written.GetValueKind() == System.Text.Json.JsonValueKind.True,
            _ => outcome.Error is null,
        };
    }

    private static JsonObject Writing(DefinitionModel definition, ScopeTemplate template, string target)
    {
        var scope = template switch
        {
            ScopeTemplate.Literal => target,
            ScopeTemplate.Self => "${self}",
            _ => "${params.scope}",
        };
        var action = DefinitionModel.Action("probe", definition.Scope, definition.ReachAll, new JsonArray(new JsonObject { ["scope"] = scope, ["key"] = "k", ["value"] = 1 }));
        action["params"] = template switch
        {
            ScopeTemplate.GivenParameter => new JsonObject { ["scope"] = "string" },
            ScopeTemplate.DefaultParameter => new JsonObject { ["scope"] = new JsonObject { ["type"] = "string", ["default"] = target } },
            _ => new JsonObject(),
        };
        return action;
    }

    private static JsonObject View(DefinitionModel definition, string expression) => new() { ["id"] = "probe", ["scope"] = definition.Scope, ["expr"] = expression };
}
