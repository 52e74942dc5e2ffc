namespace Sync.Web.Mcp.Tools;

/// <summary>The values that an argument can have. Several kinds are published as the same JSON type, and differ in what is accepted besides.</summary>
internal enum ArgumentKind
{
    /// <summary>Text, and nothing else.</summary>
    Text,

    /// <summary>The id of a room: text; blanks around it and a leading '#' are not part of it.</summary>
    Room,

    /// <summary>CEL: text. A boolean or number stands for the expression that it is.</summary>
    Cel,

    /// <summary>Words in one text, with commas between them. A list of texts stands for the same.</summary>
    Words,

    /// <summary>A place in the log: text. An event's number stands for itself.</summary>
    Cursor,

    /// <summary>A whole number, also as text.</summary>
    Integer,

    /// <summary>True or false, also as text.</summary>
    Switch,

    /// <summary>An object, also as JSON text.</summary>
    Object,

    /// <summary>A list, also as JSON text. What is no list stands for a list of it alone.</summary>
    List,

    /// <summary>A list of ids, for which one text with commas stands too.</summary>
    Ids,

    /// <summary>Any JSON, taken as it is.</summary>
    Any,
}
