using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Model.Actions;

/// <summary>Reads the fields that definitions of actions and of views have alike. A field that is left out or null reads as null.</summary>
internal static class DefinitionFields
{
    public static Outcome<string?> Text(JsonElement json, string field)
    {
        if (!json.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<string?>);
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : Bad($"'{field}' is a string.", field);
    }

    public static Outcome<Expression?> Cel(JsonElement json, string field, RoomLanguage language)
    {
        if (!Text(json, field).Try(out var source, out var error))
        {
            return error;
        }

        if (source is null)
        {
            return default(Outcome<Expression?>);
        }

        return language.Compile(source, field).Try(out var expression, out error) ? expression : error;
    }

    public static Outcome<TimerSpec?> Timer(JsonElement json, string field)
    {
        if (!json.TryGetProperty(field, out var timer) || timer.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<TimerSpec?>);
        }

        return TimerSpec.Parse(timer).Try(out var spec, out var error) ? spec : error;
    }

    /// <summary>The refusal for a field of the wrong form.</summary>
    public static SyncError Bad(string message, string field) =>
        new SyncError(ErrorCode.InvalidParamType, message) { Hint = "See the help key 'vocabulary_bootstrap'.", Help = "vocabulary_bootstrap" }.With("param", field);
}
