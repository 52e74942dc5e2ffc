using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel;
using Sync.Engine.Actions.WriteTemplates;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Rooms;
using Sync.Engine.Timers;

namespace Sync.Engine.Views;

/// <summary>A declared read capability, compiled. A new object for each registration, so its memo dies with it.</summary>
internal sealed class ViewDefinition
{
    private static readonly string[] s_fields = ["id", "expr", "scope", "description", "enabled", "render", "timer"];

    public required string Id { get; init; }

    public required Expression Expression { get; init; }

    /// <summary><c>_shared</c>, or the agent whose private state it may publish.</summary>
    public required string Scope { get; init; }

    public string? Description { get; init; }

    public Expression? Enabled { get; init; }

    public JsonText? Render { get; init; }

    public TimerSpec? Timer { get; init; }

    public string? Registrant { get; init; }

    public required JsonText Source { get; init; }

    /// <summary>Its entry; null until it is committed.</summary>
    public Entry? Entry { get; private init; }

    public Memo<ViewValue> Memo { get; } = new();

    public static Outcome<ViewDefinition> Parse(JsonElement json, string? self, RoomLanguage language)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Bad("A view definition is an object.", "params");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!s_fields.Contains(member.Name))
            {
                var near = member.Name is "expression" or "cel" or "value" ? "expr" : DidYouMean.Nearest(member.Name, s_fields);
                return new SyncError(ErrorCode.UnknownParam, $"A view definition has no field '{Names.Shown(member.Name)}'.")
                {
                    Hint = near is null ? $"Known are {string.Join(", ", s_fields)}." : $"Did you mean '{near}'?",
                }.With("param", Names.Shown(member.Name));
            }
        }

        if (!Text(json, "id").Try(out var id, out var error)
            || !Text(json, "expr").Try(out var source, out error)
            || !Text(json, "scope").Try(out var scope, out error)
            || !Text(json, "description").Try(out var description, out error)
            || !Text(json, "enabled").Try(out var enabledSource, out error))
        {
            return error;
        }

        if (id is null || source is null)
        {
            var missing = id is null ? "id" : "expr";
            return new SyncError(ErrorCode.MissingParam, $"A view needs '{missing}'.")
            {
                Hint = "Send {\"params\": {\"id\": \"results\", \"expr\": \"state._shared\"}}.",
            }.With("param", missing);
        }

        if (Names.CheckName("view id", id) is { } badId)
        {
            return badId;
        }

        if (id == Names.ContestedView)
        {
            return new SyncError(ErrorCode.InvalidId, "The view '_contested' is built in.") { Hint = "Choose another id." };
        }

        scope = scope switch { null => Names.Shared, Names.Self => self, _ => scope };
        if (scope is null)
        {
            return Bad("The scope 'self' needs an agent to stand for.", "scope");
        }

        if ((Names.CheckScope(scope) ?? WriteTemplate.EngineOnly(scope, "scope")) is { } badScope)
        {
            return badScope;
        }

        if (!language.Compile(source, "expr").Try(out var expression, out error))
        {
            return error;
        }

        Expression? enabled = null;
        if (enabledSource is not null && !language.Compile(enabledSource, "enabled").Try(out enabled, out error))
        {
            return error;
        }

        TimerSpec? timer = null;
        if (json.TryGetProperty("timer", out var timerJson) && timerJson.ValueKind != JsonValueKind.Null
            && !TimerSpec.Parse(timerJson).Try(out timer, out error))
        {
            return error;
        }

        JsonText? render = null;
        if (json.TryGetProperty("render", out var renderJson) && renderJson.ValueKind != JsonValueKind.Null)
        {
            if (renderJson.ValueKind != JsonValueKind.Object)
            {
                return Bad("'render' is an object such as {\"type\": \"metric\", \"label\": \"Score\"}.", "render") with { Help = "surfaces" };
            }

            render = JsonText.Of(renderJson);
        }

        return new ViewDefinition
        {
            Id = id,
            Expression = expression,
            Scope = scope,
            Description = description,
            Enabled = enabled,
            Render = render,
            Timer = timer,
            Source = JsonText.Of(json),
        };
    }

    /// <summary>Reads the entry's value: the definition and <c>registered_by</c>. Keeps what <paramref name="old"/> compiled when only the timer moved.</summary>
    public static ViewDefinition Read(Entry entry, ViewDefinition? old, RoomLanguage language)
    {
        if (old?.Entry is { } before && before.Value.Equals(entry.Value))
        {
            return old.With(entry, old.Registrant);
        }

        var node = (JsonObject)entry.Value.ToNode()!;
        var registrant = node["registered_by"]?.GetValue<string>();
        node.Remove("registered_by");
        return Parse(JsonText.Of(node).ToElement(), registrant, language).Try(out var view, out var error)
            ? view.With(entry, registrant)
            : throw new InvalidDataException($"The view '{entry.Key}' in the log cannot be read: {error.Message}");
    }

    public JsonText ToEntryValue(string? registrant)
    {
        var node = (JsonObject)Source.ToNode()!;
        if (registrant is not null)
        {
            node["registered_by"] = registrant;
        }

        return JsonText.Of(node);
    }

    private ViewDefinition With(Entry entry, string? registrant) => new()
    {
        Id = Id,
        Expression = Expression,
        Scope = Scope,
        Description = Description,
        Enabled = Enabled,
        Render = Render,
        Timer = Timer,
        Source = Source,
        Registrant = registrant,
        Entry = entry,
    };

    private static Outcome<string?> Text(JsonElement json, string field)
    {
        if (!json.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<string?>);
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : Bad($"'{field}' is a string.", field);
    }

    private static SyncError Bad(string message, string field) =>
        new SyncError(ErrorCode.InvalidParamType, message) { Hint = "See the help key 'vocabulary_bootstrap'.", Help = "vocabulary_bootstrap" }.With("param", field);
}
