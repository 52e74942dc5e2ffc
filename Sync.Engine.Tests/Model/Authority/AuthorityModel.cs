using System.Text.Json.Nodes;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>What a party may do in the room: that of its token, and of its role.</summary>
public enum Right
{
    /// <summary>Reads.</summary>
    Read,

    /// <summary>Acts as one agent.</summary>
    Write,

    /// <summary>An owner's.</summary>
    Full,
}

/// <summary>Somebody in the room.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Right">What it may.</param>
/// <param name="User">Whose agent it is, or null.</param>
public sealed record Party(string Id, Right Right, string? User = null)
{
    /// <summary>Agents that may use this agent's scope.</summary>
    public IReadOnlyCollection<string> Grants { get; init; } = [];

    /// <summary>Agents whose actions may publish what this one keeps private.</summary>
    public IReadOnlyCollection<string> Trusts { get; init; } = [];
}

/// <summary>The kinds of expression that the rule tells apart.</summary>
public enum ExpressionKind
{
    /// <summary>An action's <c>if</c>.</summary>
    ActionIf,

    /// <summary>An action's <c>enabled</c>.</summary>
    ActionEnabled,

    /// <summary>A value that an action writes.</summary>
    ActionValue,

    /// <summary>An action's <c>result</c>.</summary>
    ActionResult,

    /// <summary>A view.</summary>
    View,

    /// <summary>A view's <c>enabled</c>.</summary>
    ViewEnabled,

    /// <summary>The <c>enabled</c> of an entry.</summary>
    EntryEnabled,

    /// <summary>An evaluation, a wait, the console.</summary>
    ReadersOwn,
}

/// <summary>How a write template says its scope.</summary>
public enum ScopeTemplate
{
    /// <summary>By name.</summary>
    Literal,

    /// <summary><c>${self}</c>.</summary>
    Self,

    /// <summary>A parameter that the call gives.</summary>
    GivenParameter,

    /// <summary>A parameter that the call leaves out, with a default.</summary>
    DefaultParameter,
}

/// <summary>A definition, as far as authority goes.</summary>
/// <param name="Registrant">Who registered it.</param>
/// <param name="Scope">Its scope.</param>
/// <param name="ReachAll">Whether it says <c>"reach": "all"</c>.</param>
public sealed record DefinitionModel(Party Registrant, string Scope, bool ReachAll = false)
{
    /// <summary>What it is called in the message of a test that fails.</summary>
    public string Name => $"{Registrant.Id}'s of {Scope}{(ReachAll ? " that reaches all" : "")}";

    /// <summary>The definition of an action, as it is registered.</summary>
    public static JsonObject Action(string id, string scope, bool reach, JsonArray writes)
    {
        var action = new JsonObject { ["id"] = id, ["scope"] = scope, ["writes"] = writes };
        if (reach)
        {
            action["reach"] = "all";
        }

        return action;
    }
}

/// <summary>
/// The rule of authority as the specification writes it, in code of its own: tests compare every door with it. It knows nothing of how the engine decides.
/// </summary>
public sealed class AuthorityModel(IReadOnlyCollection<Party> parties)
{
    private static readonly string[] s_engineOnly = ["_messages", "_audit", "_agents", "_actions", "_views"];

    /// <summary>Everybody in the room.</summary>
    public IReadOnlyCollection<Party> Parties { get; } = parties;

    /// <summary>Whether a definition of this scope is taken from this party.</summary>
    public bool MayRegister(Party party, string scope, bool reachAll) =>
        party.Right >= Right.Write
        && !s_engineOnly.Contains(scope)
        && (!reachAll || party.Right == Right.Full)
        && (IsShared(scope) || party.Right == Right.Full || MayUse(party.Id, scope));

    /// <summary>Whether an invocation's write to a scope is allowed.</summary>
    public bool MayWrite(DefinitionModel definition, Party invoker, ScopeTemplate template, string target, bool provesRead = false)
    {
        if (invoker.Right < Right.Write || s_engineOnly.Contains(target))
        {
            return false;
        }

        return target switch
        {
            "_config" => definition.Registrant.Right == Right.Full && invoker.Right == Right.Full,
            "_help" => provesRead,
            _ when IsShared(target) => true,
            _ => (definition.ReachAll && definition.Registrant.Right == Right.Full)
                || MayUse(Stands(definition), target)
                || (target == invoker.Id && template is (ScopeTemplate.Self or ScopeTemplate.GivenParameter)),
        };
    }

    /// <summary>Whether an expression reads a scope by its name.</summary>
    public bool MayRead(ExpressionKind kind, DefinitionModel definition, Party reader, string target) => IsShared(target) || kind switch
    {
        ExpressionKind.ActionIf or ExpressionKind.ActionEnabled or ExpressionKind.ActionValue or ExpressionKind.ActionResult =>
            (definition.ReachAll && definition.Registrant.Right == Right.Full) || MayUse(Stands(definition), target),
        ExpressionKind.View => !IsShared(definition.Scope) && MayUse(definition.Scope, target),
        ExpressionKind.ViewEnabled or ExpressionKind.EntryEnabled => target == definition.Scope,
        _ => reader.Right == Right.Full || MayUse(reader.Id, target),
    };

    /// <summary>Whose scope <c>state.self</c> is in an expression that names it; null where it is not readable.</summary>
    public string? SelfIn(ExpressionKind kind, DefinitionModel definition, Party reader) => kind switch
    {
        ExpressionKind.ViewEnabled or ExpressionKind.EntryEnabled => null,
        ExpressionKind.View when !IsShared(definition.Scope) => definition.Scope,
        _ => reader.Id,
    };

    /// <summary>Whether a view that names <c>state.self</c> reads it where it is reached from an expression of this kind.</summary>
    public bool PassesSelf(ExpressionKind from) => from is ExpressionKind.ReadersOwn or ExpressionKind.ActionIf or ExpressionKind.ActionEnabled or ExpressionKind.ActionResult;

    /// <summary>Whether a write of what <c>state.self</c> holds needs the invoker's word. <paramref name="isShown"/>: a view of the invoker's scope reads the key that is written.</summary>
    public bool NeedsConsent(DefinitionModel definition, Party invoker, string target, bool isShown) =>
        (target != invoker.Id || isShown)
        && definition.Registrant.Right != Right.Full
        && definition.Registrant.Id != invoker.Id
        && !(definition.Registrant.User is { } user && user == invoker.User)
        && !invoker.Trusts.Contains(definition.Registrant.Id);

    /// <summary>Whether a party may redefine or delete a definition. <paramref name="isCollaborator"/>: by its role.</summary>
    public bool MayChange(DefinitionModel definition, Party party, bool isCollaborator) =>
        party.Right == Right.Full
        || (party.Right == Right.Write
            && (party.Id == definition.Registrant.Id || party.Id == definition.Scope || (isCollaborator && IsShared(definition.Scope))));

    private static bool IsShared(string scope) => scope.StartsWith('_');

    // In whose place a definition stands.
    private static string Stands(DefinitionModel definition) => IsShared(definition.Scope) ? definition.Registrant.Id : definition.Scope;

    private bool MayUse(string agent, string scope) =>
        agent == scope || Parties.Any(party => party.Id == scope && party.Grants.Contains(agent));
}
