using System.Text;
using Sync.Cel.Values;

namespace Sync.Cel.Repair;

/// <summary>Writes terms in the language; null where one is left that it does not have.</summary>
internal sealed class TermWriter
{
    private const int Choice = 0;
    private const int Or = 1;
    private const int And = 2;
    private const int Relation = 3;
    private const int Sum = 4;
    private const int Product = 5;
    private const int Unary = 6;
    private const int Member = 7;
    private const int MaxLength = 1000; // a hint that is longer is not read

    private readonly StringBuilder _text = new();
    private bool _isForeign;

    public static string? Write(Term term)
    {
        var writer = new TermWriter();
        writer.Append(term, Choice);
        return writer._isForeign || writer._text.Length > MaxLength ? null : writer._text.ToString();
    }

    private static int LevelOf(Term term) => term switch
    {
        ChoiceTerm => Choice,
        BinaryTerm { Operator: "||" } => Or,
        BinaryTerm { Operator: "&&" } => And,
        BinaryTerm { Operator: "+" or "-" } => Sum,
        BinaryTerm { Operator: "*" or "/" or "%" } => Product,
        BinaryTerm => Relation,
        UnaryTerm => Unary,
        LiteralTerm { Text: ['-', ..] } => Unary,
        _ => Member,
    };

    private void Append(Term term, int least)
    {
        var level = LevelOf(term);
        if (_text.Length > MaxLength)
        {
            return;
        }

        if (level < least)
        {
            _text.Append('(');
            Append(term, Choice);
            _text.Append(')');
            return;
        }

        switch (term)
        {
            case NameTerm name:
                _text.Append(name.Text);
                break;
            case LiteralTerm literal:
                _text.Append(literal.Text);
                break;
            case TextTerm text:
                ValueText.AppendQuoted(_text, text.Value);
                break;
            case SelectTerm select:
                Append(select.Target, Member);
                AppendField(select);
                break;
            case IndexTerm index:
                AppendIndex(index);
                break;
            case CallTerm call:
                AppendCall(call);
                break;
            case UnaryTerm unary:
                _text.Append(unary.Operator);
                Append(unary.Operand, Unary);
                break;
            case BinaryTerm or ChoiceTerm:
                AppendOperators(term, level);
                break;
            case ListTerm list:
                AppendList(list);
                break;
            case OptionalTerm optional:
                _text.Append('?');
                Append(optional.Value, Choice);
                break;
            case MapTerm map:
                AppendMap(map);
                break;
            default:
                _isForeign = true;
                break;
        }
    }

    private void AppendOperators(Term term, int level)
    {
        switch (term)
        {
            case BinaryTerm binary:
                Append(binary.Left, level);
                _text.Append(' ').Append(binary.Operator).Append(' ');
                Append(binary.Right, level + 1);
                break;
            case ChoiceTerm choice:
                Append(choice.Condition, Or);
                _text.Append(" ? ");
                Append(choice.Then, Or);
                _text.Append(" : ");
                Append(choice.Otherwise, Choice);
                break;
        }
    }

    private void AppendIndex(IndexTerm index)
    {
        Append(index.Target, Member);
        _text.Append(index.IsOptional ? "[?" : "[");
        Append(index.Index, Choice);
        _text.Append(']');
    }

    private void AppendList(ListTerm list)
    {
        _text.Append('[');
        AppendAll(list.Items);
        _text.Append(']');
    }

    private void AppendField(SelectTerm select)
    {
        if (MemberText.IsPlain(select.Field))
        {
            _text.Append(select.IsOptional ? ".?" : ".").Append(select.Field);
            return;
        }

        _text.Append(select.IsOptional ? "[?" : "[");
        ValueText.AppendQuoted(_text, select.Field);
        _text.Append(']');
    }

    private void AppendCall(CallTerm call)
    {
        if (call.Target is not null)
        {
            Append(call.Target, Member);
            _text.Append('.');
        }

        _text.Append(call.Name).Append('(');
        AppendAll(call.Arguments);
        _text.Append(')');
    }

    private void AppendMap(MapTerm map)
    {
        _text.Append('{');
        for (var i = 0; i < map.Entries.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ");
            if (map.Entries[i].Key is not { } key)
            {
                _isForeign = true;
                continue;
            }

            Append(key, Choice);
            _text.Append(": ");
            Append(map.Entries[i].Value, Choice);
        }

        _text.Append('}');
    }

    private void AppendAll(Term[] terms)
    {
        for (var i = 0; i < terms.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ");
            Append(terms[i], Choice);
        }
    }
}
