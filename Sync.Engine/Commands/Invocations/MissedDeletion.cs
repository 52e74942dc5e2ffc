using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>
/// The warning beside a deletion that found nothing: what is there in its place, and how it is named. Most who delete <c>obj.a</c> mean the member <c>a</c> of <c>obj</c>. Of a scope that its
/// invoker may not read it tells nothing. Made for one invocation.
/// </summary>
internal sealed class MissedDeletion(InvocationInput input, TemplateInputs inputs, WriteTemplate template, WorkingCopy copy)
{
    public const string Code = "nothing_deleted";

    // Names that a hint lists, and entries whose value is looked into.
    private const int MaxNames = 10;
    private const int MaxLooked = 3;

    // Parameters that a hint repeats: what is longer is no place.
    private const int MaxRepeated = 400;

    /// <summary>The warning.</summary>
    /// <param name="field">Where the write stands in the definition.</param>
    /// <param name="scope">The scope that it named.</param>
    /// <param name="key">The key that it named.</param>
    /// <param name="path">The path that it named; empty for the entry itself.</param>
    public JsonObject Warning(string field, string scope, string key, string path)
    {
        var isReadable = input.Actor.VisibleScopes.Sees(scope);
        var current = copy.Current(scope, key);
        var warning = new JsonObject
        {
            ["code"] = Code,
            ["field"] = field,
            ["message"] = path.Length == 0 || (isReadable && current is null)
                ? $"There is no entry '{Identifiers.Shown(key)}' in '{Identifiers.Shown(scope)}': nothing was deleted."
                : $"'{Identifiers.Shown(key)}' in '{Identifiers.Shown(scope)}' has no member '{Identifiers.Shown(path)}': nothing was deleted.",
        };
        var hint = !isReadable ? null : path.Length > 0 && current is { } value ? OfMember(scope, key, path, value) : OfEntry(scope, key, path);
        if (hint is not null)
        {
            warning["hint"] = hint;
        }

        // A retry is asked of it what its reader may know by then.
        warning["scope"] = scope;
        return warning;
    }

    private string? OfEntry(string scope, string key, string path)
    {
        for (var (dot, looked) = (key.LastIndexOf('.'), 0); dot > 0 && looked < MaxLooked; dot = key.LastIndexOf('.', dot - 1))
        {
            var (outer, member) = (key[..dot], key[(dot + 1)..]);
            if (member.Length == 0 || copy.Current(scope, outer) is not { } value)
            {
                continue;
            }

            looked++;
            var inner = path.Length == 0 ? member : $"{member}.{path}";
            if (Has(value, inner))
            {
                return $"'{Identifiers.Shown(inner)}' is a member of '{Identifiers.Shown(outer)}'. {How(scope, outer, inner)}";
            }
        }

        var state = input.Moment.State;
        var near = DidYouMean.Nearest(key, state.Scope(scope)?.Entries.Keys.Where(name => name != key && copy.Current(scope, name) is not null) ?? []);
        return near is not null ? $"Did you mean '{near}'? {How(scope, near, path)}"
            : Elsewhere(state, scope, key) is { } other ? $"There is one in '{Identifiers.Shown(other)}'. {How(other, key, path)}"
            : null;
    }

    private string? OfMember(string scope, string key, string path, JsonText value)
    {
        using var document = value.Parse();
        var at = document.RootElement;
        var parts = path.Split('.');
        for (var i = 0; i < parts.Length; i++)
        {
            if (Step(at, parts[i]) is { } next)
            {
                at = next;
                continue;
            }

            var place = i == 0 ? $"'{Identifiers.Shown(key)}'" : $"'{Identifiers.Shown(string.Join('.', parts[..i]))}'";
            if (at.ValueKind == JsonValueKind.Array)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{place} is a list of {at.GetArrayLength()}: an item is named by its place, from 0.");
            }

            if (at.ValueKind != JsonValueKind.Object)
            {
                return $"{place} is no object: it has no members.";
            }

            var names = at.EnumerateObject().Select(static member => member.Name).ToList();
            return DidYouMean.Nearest(parts[i], names) is { } near ? $"Did you mean '{near}'? {How(scope, key, string.Join('.', [.. parts[..i], near, .. parts[(i + 1)..]]))}"
                : names.Count == 0 ? $"{place} is empty."
                : $"{place} has {string.Join(", ", names.Take(MaxNames).Select(Identifiers.Shown))}{(names.Count > MaxNames ? " and others" : "")}.";
        }

        return null;
    }

    // Scopes that everybody reads, since their names are known to all.
    private string? Elsewhere(RoomState state, string scope, string key) =>
        state.Scopes.Keys.FirstOrDefault(other => other != scope && ReservedScopes.IsPublic(other) && !ReservedScopes.IsEngineOnly(other) && copy.Current(other, key) is not null);

    // What deletes that: the same call with other parameters where the action takes the place from them, else the write that a definition has to have.
    private string How(string scope, string key, string path)
    {
        var given = input.Params.ValueKind != JsonValueKind.Object ? [] : input.Params.GetRawText() is { Length: <= MaxRepeated } text ? (JsonObject)JsonNode.Parse(text)! : null; // It is an object.
        if (given is not null && Take(given, template.Key, key) && Take(given, template.Scope, scope) && (template.Path is null ? path.Length == 0 : Take(given, template.Path, path)))
        {
            return $"Send {{\"params\": {JsonText.Of(given)}}}.";
        }

        var write = new JsonObject { ["scope"] = scope, ["key"] = key };
        if (path.Length > 0)
        {
            write["path"] = path;
        }

        write["delete"] = true;
        return $"The write of an action that deletes it: {JsonText.Of(write)}.";
    }

    // Whether a field can be made to say that, by the parameter that it is or since it says it already.
    private bool Take(JsonObject given, TextTemplate? field, string value)
    {
        if (field is null || field.Expand(inputs) == value)
        {
            return field is not null;
        }

        if (field.Single is not { Parameter: { } parameter, IsWhole: true })
        {
            return false;
        }

        if (value.Length == 0)
        {
            given.Remove(parameter);
        }
        else
        {
            given[parameter] = value;
        }

        return true;
    }

    private static bool Has(JsonText value, string path)
    {
        using var document = value.Parse();
        JsonElement? at = document.RootElement;
        foreach (var part in path.Split('.'))
        {
            at = Step(at.Value, part);
            if (at is null)
            {
                return false;
            }
        }

        return true;
    }

    private static JsonElement? Step(JsonElement at, string part) =>
        at.ValueKind == JsonValueKind.Object ? at.TryGetProperty(part, out var member) ? member : null
        : at.ValueKind == JsonValueKind.Array && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength() ? at[index]
        : null;
}
