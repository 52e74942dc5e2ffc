using System.Collections.Immutable;
using Sync.Cel;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Values.Limits;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// The expression language as rooms speak it: CEL with two relaxations, these roots, and the operator's limits. One for an engine; the state of every room carries it,
/// so that whoever reads an expression from a request or from the log compiles it alike.
/// </summary>
internal sealed class RoomLanguage
{
    public const int State = 0;
    public const int Views = 1;
    public const int Agents = 2;
    public const int Actions = 3;
    public const int Messages = 4;
    public const int Self = 5;
    public const int Params = 6;
    public const int Now = 7;
    public const int Owner = 8;
    public const int Leases = 9;
    public const int Approvals = 10;

    // What is stored is JSON, which has no times; a view's value and an agent's heartbeat may be one. What is certain whatever the room holds. The reader and the registrant may be nobody, and have no fields either way.
    private static readonly ImmutableDictionary<string, string> s_types = new Dictionary<string, string>
    {
        ["state"] = "map<string, map<string, json>>",
        ["views"] = "map<string, dyn>",
        ["agents"] = "map<string, map<string, dyn>>",
        ["actions"] = "map<string, map<string, json>>",
        ["messages"] = "map<string, json>",
        ["messages.count"] = "int",
        ["messages.unread"] = "int",
        ["messages.directed_unread"] = "int",
        ["messages.to_answer"] = "list<dyn>",
        ["leases"] = "map<string, map<string, dyn>>",
        ["approvals"] = "map<string, dyn>",
        ["approvals.pending"] = "list<dyn>",
        ["approvals.to_decide"] = "list<dyn>",
        ["self"] = "string",
        ["owner"] = "string",
        ["params"] = "map<string, json>",
        ["now"] = "timestamp",
    }.ToImmutableDictionary();

    private const long SmallCost = 20_000;

    private readonly CelEnvironment _environment;

    public RoomLanguage(CelLimits limits)
    {
        _environment = new CelEnvironment(new CelOptions
        {
            Variables = ["state", "views", "agents", "actions", "messages", "self", "params", "now", "owner", "leases", "approvals"],
            VariableTypes = s_types,
            NameHints = NameHints.All,
            AbsentKeysAreNull = true,
            MixedArithmetic = true,
            Limits = limits,
        });
        ForStored = new RoomLanguage(this);
    }

    private RoomLanguage(RoomLanguage language)
    {
        _environment = language._environment;
        IsStored = true;
        ForStored = this;
    }

    /// <summary>
    /// The language for definitions that the log has accepted: what does not compile any more, by limits that were lowered since or rules that are stricter now, is kept and evaluates to that error.
    /// </summary>
    public RoomLanguage ForStored { get; }

    /// <summary>Whether this is <see cref="ForStored"/>.</summary>
    public bool IsStored { get; }

    /// <summary>How deep a value that comes in may be.</summary>
    public int JsonDepth { get; init; } = new RoomLimits().JsonDepth;

    /// <summary>The language with the limits that hold when nobody sets others.</summary>
    public static RoomLanguage Standard { get; } = new(new CelLimits());

    /// <summary>What one request, or one definition per change, may spend.</summary>
    public CelBudget NewBudget() => new(_environment.Options.Limits);

    /// <summary>The same of so many units, where fewer are left.</summary>
    public CelBudget NewBudget(long units) => new(units, _environment.Options.Limits.Deadline);

    /// <summary>The units of a budget.</summary>
    public long Cost => _environment.Options.Limits.Cost;

    /// <summary>What a look may spend that only serves a hint.</summary>
    public CelBudget NewSmallBudget() => new(_environment.Options.Limits with { Cost = Math.Min(SmallCost, _environment.Options.Limits.Cost) });

    /// <summary>Compiles for a request: an issue is a refusal that names the field it stands in. What is stored gives an expression always.</summary>
    public Outcome<Expression> Compile(string source, string field)
    {
        var compilation = _environment.Compile(source);
        return compilation.Program is not null || IsStored
            ? new Expression(source, compilation.Program, compilation.Issue)
            : Expression.Refusal(compilation.Issue!, source, field);
    }

    /// <summary>The same for an expression that has to be true or false: one that is known to be neither never holds, and is refused.</summary>
    public Outcome<Expression> CompileCondition(string source, string field) =>
        !Compile(source, field).Try(out var expression, out var error) ? error
        : !IsStored && expression.Expect(["bool"], field, "A condition is true or false") is { } wrong ? wrong
        : expression;

    /// <summary>The expression that a text is which may be none, such as prose or a guess; null where it does not compile. See <see cref="CelEnvironment.TryCompile"/>.</summary>
    public Expression? TryCompile(string source) => _environment.TryCompile(source) is { } program ? new Expression(source, program, issue: null) : null;

    /// <summary>An expression that evaluates to a refusal: in place of one that cannot be read at all.</summary>
    public static Expression Broken(string source, SyncError refusal) =>
        new(source, program: null, new CelIssue(refusal.Code.Name, refusal.Message, Line: 1, Column: 1, Caret: "", refusal.Hint));

    /// <summary>Compiles what the log already accepted. Should it not compile any more, it evaluates to that error.</summary>
    public Expression Stored(string source)
    {
        var compilation = _environment.Compile(source);
        return new Expression(source, compilation.Program, compilation.Issue);
    }
}
