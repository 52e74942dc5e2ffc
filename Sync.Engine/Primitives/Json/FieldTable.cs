using System.Globalization;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Json;

/// <summary>
/// The fields of a JSON object, declared once: a name, the form of its value in words, and what takes the value into a draft. What people and programs define or ask for in
/// JSON is read by one of these, so that an unknown field, a repeated one, a missing one and one of the wrong form are found alike everywhere.
/// </summary>
/// <remarks>
/// All names are checked before any value is looked at. A table is made once, in a static field, and read by many threads; all that changes is in the draft. To add a field,
/// add it to the table of its reader. At most 64 fields.
/// </remarks>
/// <typeparam name="TDraft">What the values are collected in; new for each object that is read.</typeparam>
/// <param name="refuse">Says a problem in the words and with the code of this reader.</param>
/// <param name="lenient">
/// Whether it is read of a request, whose writer may be a form or a model that fills in what it has no value for: then an empty text is absence wherever null is, except where any value is one,
/// and <c>"true"</c> and <c>"false"</c> are what they say. Definitions are stored, and read as they stand.
/// </param>
internal sealed class FieldTable<TDraft>(Func<TDraft, FieldProblem, SyncError> refuse, bool lenient = false)
{
    private readonly List<Field> _fields = [];
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);

    /// <summary>Takes a value into the draft.</summary>
    public delegate FieldReading Reader(TDraft draft, JsonElement value);

    /// <summary>A field. <paramref name="form"/> ends the sentence "It is …".</summary>
    public FieldTable<TDraft> Add(string name, string form, Reader read, NullField whenNull = NullField.Absent, bool required = false, params ReadOnlySpan<string> aliases)
    {
        _fields.Add(new Field(name, form, read, whenNull, required));
        foreach (var alias in aliases)
        {
            _aliases.Add(alias, name);
        }

        return this;
    }

    /// <summary>A field that holds text.</summary>
    public FieldTable<TDraft> AddText(string name, Action<TDraft, string> take, NullField whenNull = NullField.Absent, bool required = false, params ReadOnlySpan<string> aliases)
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return FieldReading.Unusable;
            }

            take(draft, value.GetString()!); // It is a string.
            return FieldReading.Taken;
        }

        return Add(name, "a string", Read, whenNull, required, aliases);
    }

    /// <summary>A field that names something to people.</summary>
    public FieldTable<TDraft> AddTitle(string name, int max, Action<TDraft, string> take, NullField whenNull = NullField.Absent)
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String || !Identifiers.IsTitle(value.GetString()!, max))
            {
                return FieldReading.Unusable;
            }

            take(draft, value.GetString()!); // It is a string.
            return FieldReading.Taken;
        }

        return Add(name, $"a string of 1 to {max} printable characters", Read, whenNull);
    }

    /// <summary>A field that is true or false.</summary>
    public FieldTable<TDraft> AddSwitch(string name, Action<TDraft, bool> take, NullField whenNull = NullField.Absent)
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            var flag = value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.String when lenient => value.ValueEquals("true"u8) ? true : value.ValueEquals("false"u8) ? false : null,
                _ => (bool?)null,
            };
            if (flag is { } known)
            {
                take(draft, known);
            }

            return flag is not null;
        }

        return Add(name, "true or false", Read, whenNull);
    }

    /// <summary>A field that is a whole number, in a request also as text.</summary>
    public FieldTable<TDraft> AddInteger(string name, string form, Action<TDraft, long> take, NullField whenNull = NullField.Absent)
    {
        FieldReading Read(TDraft draft, JsonElement value)
        {
            if (!(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
                && !(lenient && value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)))
            {
                return FieldReading.Unusable;
            }

            take(draft, number);
            return FieldReading.Taken;
        }

        return Add(name, form, Read, whenNull);
    }

    /// <summary>Reads an object into the draft; the refusal of the first problem, or null.</summary>
    /// <param name="json">What was sent.</param>
    /// <param name="draft">What takes the values.</param>
    /// <param name="stored">Whether the log has accepted it: the last of repeated fields then counts, as it did when it was accepted.</param>
    public SyncError? Read(JsonElement json, TDraft draft, bool stored = false)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return refuse(draft, new FieldProblem(FieldProblemKind.NoObject, "", "an object", Hint: null, Nearest: null));
        }

        var seen = 0UL;
        foreach (var member in json.EnumerateObject())
        {
            if (IndexOf(member) is var index && !IsNew(index, ref seen, stored))
            {
                return RefuseName(index, member.Name, draft);
            }
        }

        var given = 0UL;
        foreach (var member in json.EnumerateObject())
        {
            if (Take(IndexOf(member), member.Value, draft, ref given) is { } refusal)
            {
                return refusal;
            }
        }

        return FindMissing(draft, given);
    }

    /// <summary>
    /// The same of members that a protocol library has taken apart already. It enumerates another type, so that neither reader makes an object for the other: the names of a document are
    /// compared without a string, and members are not written and parsed again to be one document.
    /// </summary>
    public SyncError? Read(IReadOnlyCollection<KeyValuePair<string, JsonElement>> members, TDraft draft)
    {
        var seen = 0UL;
        foreach (var (name, _) in members)
        {
            if (IndexOf(name) is var index && !IsNew(index, ref seen, stored: false))
            {
                return RefuseName(index, name, draft);
            }
        }

        var given = 0UL;
        foreach (var (name, value) in members)
        {
            if (Take(IndexOf(name), value, draft, ref given) is { } refusal)
            {
                return refusal;
            }
        }

        return FindMissing(draft, given);
    }

    private static bool IsNew(int index, ref ulong seen, bool stored) => index >= 0 && (Mark(index, ref seen) || stored);

    private SyncError RefuseName(int index, string name, TDraft draft) => index < 0 ? refuse(draft, Unknown(name)) : JsonRules.Repeated(name);

    private static bool Mark(int index, ref ulong marks)
    {
        var first = (marks & (1UL << index)) == 0;
        marks |= 1UL << index;
        return first;
    }

    // Compared in the bytes as they came: no string is made for a name.
    private int IndexOf(JsonProperty member)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if (member.NameEquals(_fields[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private SyncError? Take(int index, JsonElement value, TDraft draft, ref ulong given)
    {
        var field = _fields[index];
        if ((value.ValueKind == JsonValueKind.Null && field.WhenNull is (NullField.Absent or NullField.AbsentAlone))
            || (lenient && field.WhenNull == NullField.Absent && value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8)))
        {
            return null;
        }

        Mark(index, ref given);
        var reading = value.ValueKind == JsonValueKind.Null && field.WhenNull == NullField.Refused ? FieldReading.Unusable : field.Read(draft, value);
        return reading.IsUsable ? reading.Refusal : refuse(draft, new FieldProblem(FieldProblemKind.Unusable, field.Name, field.Form, $"It is {field.Form}.", Nearest: null));
    }

    private SyncError? FindMissing(TDraft draft, ulong given)
    {
        for (var i = 0; i < _fields.Count; i++)
        {
            if (_fields[i].IsRequired && (given & (1UL << i)) == 0)
            {
                return refuse(draft, new FieldProblem(FieldProblemKind.Missing, _fields[i].Name, _fields[i].Form, Hint: null, Nearest: null));
            }
        }

        return null;
    }

    private FieldProblem Unknown(string name)
    {
        var near = _aliases.GetValueOrDefault(name) ?? NearestName.Of(name, _fields.Select(static field => field.Name));
        var hint = near is null ? $"Known are {string.Join(", ", _fields.Select(static field => field.Name))}." : $"Did you mean '{near}'?";
        return new FieldProblem(FieldProblemKind.Unknown, Identifiers.Shown(name), Form: "", hint, near);
    }

    private sealed record Field(string Name, string Form, Reader Read, NullField WhenNull, bool IsRequired);
}
