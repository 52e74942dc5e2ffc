namespace Sync.Cel.Syntax.Macros;

/// <summary>The loops that macros make. Each is planned as itself rather than as a general fold, which is what makes them fast.</summary>
internal enum ComprehensionKind : byte
{
    All,
    Exists,
    ExistsOne,
    Filter,
    MapList,
    TransformMap,
    TransformMapEntry,
    SortBy,
}
