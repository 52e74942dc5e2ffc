using System.Collections.Immutable;
using Sync.Engine.Model.Actions;

namespace Sync.Engine.Model.Views;

/// <summary>
/// The surfaces whose render hints name actions or views that are not there: what they named has gone, or is yet to come. Found when first asked for, and the same object for as long as no definition
/// changes. Immutable.
/// </summary>
internal sealed class BrokenSurfaces(ImmutableSortedDictionary<string, ViewDefinition> views, ImmutableSortedDictionary<string, ActionState> actions)
{
    private ImmutableArray<BrokenSurface> _found;

    public ImmutableArray<BrokenSurface> Found
    {
        get
        {
            if (_found.IsDefault)
            {
                // Threads that race find the same.
                ImmutableInterlocked.InterlockedInitialize(ref _found, [.. views.Values.SelectMany(Missing)]);
            }

            return _found;
        }
    }

    private IEnumerable<BrokenSurface> Missing(ViewDefinition view)
    {
        foreach (var action in view.Surface.Actions)
        {
            if (!actions.ContainsKey(action) && !BuiltInIds.Contains(action))
            {
                yield return new BrokenSurface(view.Id, "action", action);
            }
        }

        foreach (var other in view.Surface.Views)
        {
            if (!views.ContainsKey(other) && other != Primitives.Ids.ReservedScopes.ContestedView)
            {
                yield return new BrokenSurface(view.Id, "view", other);
            }
        }
    }
}

/// <summary>A surface that cannot be drawn as its hint says.</summary>
/// <param name="View">The view.</param>
/// <param name="What"><c>action</c> or <c>view</c>.</param>
/// <param name="Name">The id that its hint names.</param>
internal sealed record BrokenSurface(string View, string What, string Name);
