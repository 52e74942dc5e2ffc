using Sync.Engine.Rooms;

namespace Sync.Engine.Expressions;

/// <summary>
/// What some expressions read together. Worked out once where nothing but the expressions decides it; anew where views, other actions or the reader come in.
/// </summary>
internal sealed class ReadPlan(params Expression?[] expressions)
{
    private ReadSet? _fixed;

    /// <summary>What they read in a given room for a given reader, views and availability followed to the state they read.</summary>
    public ReadSet In(RoomState state, string? self)
    {
        // Entries that come and go bring reads of their own along.
        if (_fixed is { } known && !state.HasConditionalEntries)
        {
            return known;
        }

        var resolver = new ReadResolver(state, self);
        foreach (var expression in expressions)
        {
            if (expression is not null)
            {
                resolver.Add(expression);
            }
        }

        var set = resolver.ToSet();
        if (!resolver.DependsOnDefinitions && !set.PerAgent && !state.HasConditionalEntries)
        {
            _fixed = set;
        }

        return set;
    }
}
