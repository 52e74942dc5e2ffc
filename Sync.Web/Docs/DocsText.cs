using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Sync.Web.Docs;

/// <summary>The words of a part of a document, without its marks.</summary>
internal static class DocsText
{
    public static string Of(MarkdownObject block)
    {
        var text = new StringBuilder();
        Append(block, text);
        return text.ToString().Trim();
    }

    public static void Append(MarkdownObject part, StringBuilder text)
    {
        switch (part)
        {
            case CodeBlock code:
                text.Append(code.Lines.ToString()).Append(' ');
                break;
            case ContainerBlock blocks:
                foreach (var block in blocks)
                {
                    Append(block, text);
                }

                break;
            case LeafBlock { Inline: { } inline }:
                Append(inline, text);
                text.Append(' ');
                break;
            case ContainerInline inlines:
                foreach (var inner in inlines)
                {
                    Append(inner, text);
                }

                break;
            case LiteralInline literal:
                text.Append(literal.Content.AsSpan());
                break;
            case CodeInline code:
                text.Append(code.Content);
                break;
            case LineBreakInline:
                text.Append(' ');
                break;
        }
    }
}
