using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Authority;

/// <summary>
/// The reading half of the rule of authority: which private scopes one expression reads, and as whom. One factory for each kind of expression, and nothing else decides. Shared scopes
/// are open to every kind.
/// <list type="table">
/// <item><term>reader's own (eval, wait, console, context)</term><description>what the caller may read; <c>self</c> and <c>state.self</c> are the caller's agent</description></item>
/// <item><term>action</term><description>the registrant's scope and those granted to it; <c>state.self</c> of the invoker where the expression names it</description></item>
/// <item><term>view</term><description>its own scope and those granted to it, where <c>self</c> is that agent; a shared view reads <c>state.self</c> of the reader where it names it</description></item>
/// <item><term>condition (<c>enabled</c> of an entry, agent or view)</term><description>the scope it stands in; nobody is <c>self</c></description></item>
/// </list>
/// Nesting: a view or availability that is reached from a written value, a key, or another view does not read <c>state.self</c>. What an action may publish of its invoker is then what its own
/// expressions name, and is known when it is registered.
/// </summary>
/// <param name="VisibleScopes">Private scopes readable by name.</param>
/// <param name="Self">What <c>self</c> is; null for nobody.</param>
/// <param name="ReadsSelf">Whether <c>state.self</c> is readable.</param>
/// <param name="MustName">Whether <c>state.self</c> is readable only where the expression's text names it.</param>
/// <param name="PassesSelf">Whether views and availabilities reached from here may read <c>state.self</c>.</param>
internal readonly record struct Frame(VisibleScopes VisibleScopes, string? Self, bool ReadsSelf, bool MustName, bool PassesSelf)
{
    /// <summary>An expression that its reader wrote, and the outermost frame of everything that is read for somebody.</summary>
    public static Frame OfReader(VisibleScopes visible, string? self) => new(visible, self, ReadsSelf: true, MustName: false, PassesSelf: true);

    /// <summary>What follows the end of a lease, in the name of an agent that has not agreed to have its private scope read.</summary>
    public static Frame OfLapse(VisibleScopes visible, string? self) => new(visible, self, ReadsSelf: false, MustName: true, PassesSelf: false);

    /// <summary>An action's <c>if</c> and <c>enabled</c>, asked for by <paramref name="outer"/>.</summary>
    public static Frame OfGuard(in Frame outer, Moment moment, ActionState action) =>
        new(action.StandingIn(moment).VisibleScopes(moment), outer.Self, ReadsSelf: outer.PassesSelf, MustName: true, outer.PassesSelf);

    /// <summary>What an action writes: values, keys and scopes. Its readers are others than the invoker.</summary>
    public static Frame OfValue(Moment moment, ActionState action, string? invoker) =>
        new(action.StandingIn(moment).VisibleScopes(moment), invoker, ReadsSelf: true, MustName: true, PassesSelf: false);

    /// <summary>An action's <c>result</c>, which goes to the invoker alone.</summary>
    public static Frame OfResult(Moment moment, ActionState action, string? invoker) =>
        new(action.StandingIn(moment).VisibleScopes(moment), invoker, ReadsSelf: true, MustName: true, PassesSelf: true);

    /// <summary>A view, read by <paramref name="outer"/>.</summary>
    public static Frame OfView(in Frame outer, Moment moment, ViewDefinition view) => ReservedScopes.IsPublic(view.Scope)
        ? new(VisibleScopes.Public, outer.Self, ReadsSelf: outer.PassesSelf, MustName: true, PassesSelf: false)
        : OfPrivateView(view.StandingIn(moment), moment, view);

    /// <summary>The <c>enabled</c> of an entry or an agent, in the scope it stands in.</summary>
    public static Frame OfCondition(string scope) => new(VisibleScopes.Public.Plus(scope), Self: null, ReadsSelf: false, MustName: true, PassesSelf: false);

    /// <summary>The <c>enabled</c> of a view.</summary>
    public static Frame OfCondition(Moment moment, ViewDefinition view) =>
        OfCondition(ReservedScopes.IsPublic(view.Scope) || view.StandingIn(moment).Principal is null ? ReservedScopes.Shared : view.Scope);

    private static Frame OfPrivateView(Standing standing, Moment moment, ViewDefinition view) =>
        new(standing.VisibleScopes(moment), view.Scope, ReadsSelf: standing.Principal is not null && !moment.IsRemoved(view.Scope), MustName: true, PassesSelf: false);
}
