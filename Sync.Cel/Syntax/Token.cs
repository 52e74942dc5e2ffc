namespace Sync.Cel.Syntax;

/// <summary>A token: its kind and where its text stands in the source.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End)
{
    public int Length => End - Start;
}
