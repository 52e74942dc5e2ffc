namespace Sync.Engine.Model.Packs;

/// <summary>What a part of a pack is. In the order in which a pack is installed: what is named comes before what names it.</summary>
internal enum PackPartKind
{
    /// <summary>The first value of a key of a shared scope.</summary>
    State,

    /// <summary>A declared role.</summary>
    Role,

    /// <summary>An action's definition.</summary>
    Action,

    /// <summary>A view's definition.</summary>
    View,

    /// <summary>A help text.</summary>
    Help,
}
