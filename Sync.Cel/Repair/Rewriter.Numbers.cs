using System.Globalization;

namespace Sync.Cel.Repair;

internal sealed partial class Rewriter
{
    // Text beside a number, or where only numbers go; null where nothing says so.
    private Term? Numbered(BinaryTerm binary)
    {
        var isNumeric = binary.Operator switch
        {
            "<" or ">" or "<=" or ">=" => !IsWords(binary.Left) && !IsWords(binary.Right),
            "==" or "!=" => IsNumber(binary.Left) || IsNumber(binary.Right),
            "+" => (IsNumber(binary.Left) || IsNumber(binary.Right)) && !IsWords(binary.Left) && !IsWords(binary.Right),
            "-" or "*" or "/" or "%" => true,
            _ => false,
        };
        if (!isNumeric)
        {
            return null;
        }

        var (left, right) = (Number(binary.Left), Number(binary.Right));
        var whole = new BinaryTerm(binary.Operator, left, right);
        return kinds.HasFlag(RepairKinds.Nulls) && binary.Operator is "<" or ">" or "<=" or ">=" ? WhereThere([left, right], whole) : whole;
    }

    private Term Number(Term term) => term switch
    {
        TextTerm text when IsNumeral(text.Value) => new LiteralTerm(text.Value),
        NameTerm name when !_locals.Contains(name.Text) => Rewrite(term),
        SelectTerm or IndexTerm or NameTerm => Rewrite(term) is var path && (IsPath(path) || path is NameTerm) ? new CallTerm(Target: null, kinds.HasFlag(RepairKinds.Fractions) ? "double" : "int", path) : path,
        _ => Rewrite(term),
    };

    private static bool IsNumber(Term term) => term is LiteralTerm { IsNumber: true } or CallTerm { Name: "size" or "int" or "double" or "length" or "len" or "count" }
        or SelectTerm { Field: "length" } or BinaryTerm { Operator: "-" or "*" or "/" or "%" };

    // A text that is no number: then text is compared with text.
    private static bool IsWords(Term term) => (term is TextTerm text && !IsNumeral(text.Value)) || (term is not TextTerm && IsText(term));

    private static bool IsNumeral(string text) => text.Length is > 0 and < 20 && char.IsAsciiDigit(text[^1]) && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);
}
