using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Views;

/// <summary>A declared read capability, compiled. A new object for each registration, so its memo dies with it.</summary>
internal sealed class ViewDefinition
{
    private static readonly FieldTable<Draft> s_fields = DefinitionFields.TableFor<Draft>("a view", "For example {\"id\": \"results\", \"expr\": \"state._shared\"}.")
        .AddCel("expr", static (draft, expression) => draft.Expression = expression, required: true, "expression", "cel", "value")
        .Add("render", "an object such as {\"type\": \"metric\", \"label\": \"Score\"}", static (draft, value) =>
        {
            draft.Render = value.ValueKind == JsonValueKind.Object ? JsonText.Of(value) : null;
            return draft.Render is not null;
        });

    private string? _renderText;
    private SurfaceHint? _surface;

    public required string Id { get; init; }

    public required Expression Expression { get; init; }

    /// <summary><c>_shared</c>, or the agent whose private state it may publish.</summary>
    public required string Scope { get; init; }

    public string? Description { get; init; }

    public Expression? Enabled { get; init; }

    public JsonText? Render { get; init; }

    /// <summary>The render hint as text, made at first use: the same string for every page that shows it.</summary>
    public string? RenderText => _renderText ??= Render?.ToString();

    /// <summary>What the render hint names, read at first use.</summary>
    public SurfaceHint Surface => _surface ??= SurfaceHint.Read(Render);

    public TimerSpec? Timer { get; init; }

    /// <summary>Who registered it.</summary>
    public Registrant By { get; init; } = new(Agent: null, Level: null, User: null, Seq: 0);

    /// <summary>The agent that registered it, or null.</summary>
    public string? Registrant => By.Agent;

    /// <summary>What it may at a moment, whoever reads it.</summary>
    public Standing StandingIn(Moment moment) => Standing.Of(moment, By, Scope);

    /// <summary>What it reads in a room for a reader. In a view of an agent's scope <c>self</c> is that agent, whoever reads.</summary>
    public ReadSet ReadsIn(RoomState state, string? reader) => Expression.ReadsIn(state, SelfFor(reader));

    public required JsonText Source { get; init; }

    /// <summary>Its entry; null until it is committed.</summary>
    public Entry? Entry { get; private init; }

    /// <summary>Whether <see cref="Enabled"/> holds, kept per change of what it reads.</summary>
    public Memo<Condition> Visibility { get; } = new();

    private readonly Memo<ViewValue> _memo = new();

    // What a shared view that names state.self gives where it may not read it.
    private readonly Memo<ViewValue> _memoWithoutSelf = new();

    public Memo<ViewValue> MemoFor(in Frame outer) => outer.PassesSelf || !Expression.NamesSelf || !ReservedScopes.IsPublic(Scope) ? _memo : _memoWithoutSelf;

    /// <summary>Whom <c>self</c> stands for in it.</summary>
    public string? SelfFor(string? reader) => ReservedScopes.IsPublic(Scope) ? reader : Scope;

    public static Outcome<ViewDefinition> Parse(JsonElement json, string? self, RoomLanguage language)
    {
        var draft = new Draft(language);
        if (s_fields.Read(json, draft, language.IsStored) is { } refusal)
        {
            // A surface of actions shows no value.
            return refusal.Code == ErrorCode.MissingParam && draft is { Expression: null, Render: { } render } && SurfaceHint.Read(render).Type?.StartsWith("action-", StringComparison.Ordinal) == true
                ? refusal with { Hint = "Send \"expr\": \"true\" beside it: a surface of actions shows no value." }
                : refusal;
        }

        if (Identifiers.CheckStoredName("view id", draft.Id) is { } badId)
        {
            return badId;
        }

        if (draft.Id == ReservedScopes.ContestedView)
        {
            return new SyncError(ErrorCode.InvalidId, "The view '_contested' is built in.") { Hint = "Choose another id." };
        }

        if (!draft.ScopeFor(self).Try(out var scope, out var error))
        {
            return error;
        }

        return new ViewDefinition
        {
            Id = draft.Id,
            Expression = draft.Expression!, // The table requires it.
            Scope = scope,
            Description = draft.Description,
            Enabled = draft.Enabled,
            Render = draft.Render,
            Timer = draft.Timer,
            Source = JsonText.Of(json),
        };
    }

    /// <summary>Reads the entry's value: the definition and <c>registered_by</c>. Keeps what <paramref name="old"/> compiled when only the timer moved.</summary>
    public static ViewDefinition Read(Entry entry, ViewDefinition? old, RoomLanguage language)
    {
        if (old?.Entry is { } before && before.Value.Equals(entry.Value))
        {
            return old.With(entry, old.By with { Seq = entry.Seq });
        }

        var (source, registrant) = Registration.Read(entry);

        // The log is not asked whether it may: rules and limits of today hold for what comes in today.
        return (Parse(source, registrant.Agent, language.ForStored).Try(out var view, out var problem) ? view : Unreadable(entry.Key, source, problem)).With(entry, registrant);
    }

    // Stands in for a stored definition that cannot be read: it is kept, and its value says why.
    private static ViewDefinition Unreadable(string id, JsonElement source, SyncError problem) => new()
    {
        Id = id,
        Expression = RoomLanguage.Broken(source.TryGetProperty("expr", out var expr) && expr.ValueKind == JsonValueKind.String ? expr.GetString()! : "", problem),
        Scope = source.TryGetProperty("scope", out var scope) && scope.ValueKind == JsonValueKind.String ? scope.GetString()! : ReservedScopes.Shared,
        Source = JsonText.Of(source),
    };

    private ViewDefinition With(Entry entry, Registrant registrant) => new()
    {
        Id = Id,
        Expression = Expression,
        Scope = Scope,
        Description = Description,
        Enabled = Enabled,
        Render = Render,
        Timer = Timer,
        Source = Source,
        By = registrant,
        Entry = entry,
    };

    private sealed class Draft(RoomLanguage language) : DefinitionDraft(language)
    {
        public Expression? Expression { get; set; }

        public JsonText? Render { get; set; }
    }
}
