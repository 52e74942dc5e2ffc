namespace Sync.Cel.Repair;

internal sealed partial class Rewriter
{
    private enum Time
    {
        Instant,
        Duration,
    }

    // A relation or a sum with a time in it: the type that its unknown parts are wanted in. A difference with one side unknown may be either; the other side of a relation tells.
    private Time? IsTimed(BinaryTerm binary) => binary.Operator switch
    {
        "<" or ">" or "<=" or ">=" or "==" or "!=" => (TimeOf(binary.Left), TimeOf(binary.Right)) switch
        {
            (null, var right) => right,
            (var left, null) => left,
            var (left, right) => IsUncertain(binary.Left) ? right : left,
        },
        "+" or "-" => TimeOf(binary),
        _ => null,
    };

    private Time? TimeOf(Term term) => term switch
    {
        NameTerm name when !_locals.Contains(name.Text) => names.TypeOf(name)?.Name switch { "timestamp" => Time.Instant, "duration" => Time.Duration, _ => null },
        CallTerm { Target: null, Name: "timestamp" } => Time.Instant,
        CallTerm { Target: null, Name: "duration" } => Time.Duration,
        BinaryTerm { Operator: "-" } difference => (TimeOf(difference.Left), TimeOf(difference.Right)) switch
        {
            (null, null) => null,
            (Time.Instant, Time.Duration) or (null, Time.Duration) => Time.Instant,
            _ => Time.Duration,
        },
        BinaryTerm { Operator: "+" } sum => (TimeOf(sum.Left), TimeOf(sum.Right)) switch
        {
            (null, null) => null,
            (Time.Duration, Time.Duration) => Time.Duration,
            _ => Time.Instant,
        },
        _ => null,
    };

    private bool IsUncertain(Term term) => term is BinaryTerm { Operator: "+" or "-" } binary && (TimeOf(binary.Left) is null || TimeOf(binary.Right) is null);

    private Term Timed(Term term, Time wanted) => term switch
    {
        BinaryTerm { Operator: "-" } difference when wanted == Time.Duration && (TimeOf(difference.Left) ?? TimeOf(difference.Right)) == Time.Instant =>
            new BinaryTerm("-", Timed(difference.Left, Time.Instant), Timed(difference.Right, Time.Instant)),
        BinaryTerm { Operator: "+" } sum when wanted == Time.Instant && TimeOf(sum.Right) == Time.Instant => new BinaryTerm("+", Timed(sum.Left, Time.Duration), Timed(sum.Right, Time.Instant)),
        BinaryTerm { Operator: "+" or "-" } binary => new BinaryTerm(binary.Operator, Timed(binary.Left, wanted), Timed(binary.Right, Time.Duration)),
        BinaryTerm { Operator: "<" or ">" or "<=" or ">=" } relation when kinds.HasFlag(RepairKinds.Nulls) => Both(relation, wanted) is var both ? WhereThere([both.Left, both.Right], both) : both,
        BinaryTerm { Operator: "<" or ">" or "<=" or ">=" or "==" or "!=" } relation => Both(relation, wanted),
        ChoiceTerm choice => new ChoiceTerm(Rewrite(choice.Condition), Timed(choice.Then, wanted), Timed(choice.Otherwise, wanted)),
        LiteralTerm { Text: "null" } => term,
        LiteralTerm { IsNumber: true } seconds when wanted == Time.Duration => new CallTerm(Target: null, "duration", new TextTerm(seconds.Text + "s")),
        TextTerm { Value.Length: 10 } day when wanted == Time.Instant => new CallTerm(Target: null, "timestamp", new TextTerm(day.Value + "T00:00:00Z")),
        _ when TimeOf(term) is not null => Rewrite(term),
        _ => Converted(Rewrite(term), wanted),
    };

    private BinaryTerm Both(BinaryTerm relation, Time wanted) => new(relation.Operator, Timed(relation.Left, wanted), Timed(relation.Right, wanted));

    private CallTerm Converted(Term term, Time wanted) => new(Target: null, wanted == Time.Instant ? "timestamp" : "duration", wanted == Time.Duration || term is TextTerm or LiteralTerm ? term
        : kinds.HasFlag(RepairKinds.Days) ? new BinaryTerm("+", term, new TextTerm("T00:00:00Z"))
        : kinds.HasFlag(RepairKinds.Milliseconds) ? new BinaryTerm("/", term, new LiteralTerm("1000"))
        : term);
}
