using System.Globalization;
using System.Text.Json;
using Sync.Cel.Checking;
using Sync.Cel.Values;

namespace Sync.Cel.Tests;

/// <summary>One test of the suite.</summary>
internal sealed class ConformanceCase(JsonElement test)
{
    public string Id { get; } =
        $"{test.GetProperty("file").GetString()}/{test.GetProperty("section").GetString()}/{test.GetProperty("name").GetString()}"
        + (test.TryGetProperty("occurrence", out var occurrence) ? $"#{occurrence}" : "");

    public string File => test.GetProperty("file").GetString() ?? "";

    public string Expression => test.GetProperty("expr").GetString() ?? "";

    /// <summary>Null when the test passes, else what went wrong.</summary>
    public string? Run()
    {
        var names = new List<string>();
        var values = new List<CelValue>();
        if (test.TryGetProperty("bindings", out var bindings))
        {
            foreach (var binding in bindings.EnumerateObject())
            {
                names.Add(binding.Name);
                values.Add(binding.Value.TryGetProperty("value", out var value) ? Read(value) : CelValue.Error("bound to an error"));
            }
        }

        var isUnchecked = ConformanceSuite.IsSet(test, "disable_check");
        var options = new CelOptions { Variables = [.. names], UnknownNamesAreErrorsAtRunTime = isUnchecked };
        var compiled = new CelEnvironment(options).Compile(Expression);
        if (test.TryGetProperty("typed_result", out var typed))
        {
            var expectedType = TypeText(typed.GetProperty("deduced_type"));
            if (compiled.Program?.ResultType != expectedType)
            {
                return $"expected type {expectedType}, got {compiled.Program?.ResultType ?? compiled.Issue?.Message}";
            }

            if (ConformanceSuite.IsSet(test, "check_only"))
            {
                return null;
            }
        }

        var actual = compiled.Program?.Evaluate(new Activation(values))
            ?? CelValue.Error(compiled.Issue is { } issue ? $"{issue.Message} {issue.Caret}" : "neither program nor issue");
        if (test.TryGetProperty("eval_error", out _))
        {
            return actual.IsError ? null : $"expected an error, got {actual}";
        }

        var expected = typed.ValueKind == JsonValueKind.Object ? Read(typed.GetProperty("result"))
            : test.TryGetProperty("value", out var plain) ? Read(plain)
            : throw new InvalidOperationException("The test expects nothing that is known.");
        return Same(expected, actual) ? null : $"expected {expected} ({expected.TypeName}), got {actual} ({actual.TypeName})";
    }

    // The checker's notation for a type that the suite gives as protobuf JSON.
    private static string TypeText(JsonElement type)
    {
        var property = type.EnumerateObject().First();
        return property.Name switch
        {
            "primitive" => property.Value.GetString() switch { "INT64" => "int", "UINT64" => "uint", var name => name?.ToLowerInvariant() ?? "" },
            "list_type" => $"list<{TypeText(property.Value.GetProperty("elem_type"))}>",
            "map_type" => $"map<{TypeText(property.Value.GetProperty("key_type"))}, {TypeText(property.Value.GetProperty("value_type"))}>",
            "abstract_type" when property.Value.GetProperty("name").GetString() == "optional_type" =>
                $"optional<{TypeText(property.Value.GetProperty("parameter_types")[0])}>",
            var name => name, // null, dyn, and types of the tests' own
        };
    }

    // Stricter than ==: kinds must match, and NaN matches NaN.
    private static bool Same(CelValue expected, CelValue actual)
    {
        if (expected.Kind != actual.Kind)
        {
            return false;
        }

        switch (expected.Kind)
        {
            case CelKind.Double:
                return expected.AsDouble.Equals(actual.AsDouble) && double.IsNegative(expected.AsDouble) == double.IsNegative(actual.AsDouble);
            case CelKind.List:
                return expected.AsList.Count == actual.AsList.Count
                    && Enumerable.Range(0, expected.AsList.Count).All(i => Same(expected.AsList[i], actual.AsList[i]));
            case CelKind.Map:
                return expected.AsMap.Count == actual.AsMap.Count
                    && expected.AsMap.Keys.All(key =>
                        actual.AsMap.Keys.Any(other => Same(key, other))
                        && expected.AsMap.TryGet(key, out var mine)
                        && actual.AsMap.TryGet(key, out var theirs)
                        && Same(mine, theirs));
            default:
                return expected == actual;
        }
    }

    private static CelValue Read(JsonElement typed)
    {
        var property = typed.EnumerateObject().First();
        var value = property.Value;
        return property.Name switch
        {
            "null" => CelValue.Null,
            "bool" => CelValue.Of(value.GetBoolean()),
            "int64" => CelValue.Of(long.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture)),
            "uint64" => CelValue.UInt(ulong.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture)),
            "double" => CelValue.Of(double.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture)),
            "string" => CelValue.Of(value.GetString() ?? ""),
            "bytes" => CelValue.Bytes(value.GetBytesFromBase64()),
            "type" => CelValue.Type(value.GetString() ?? ""),
            "timestamp" => CelValue.Timestamp(Seconds(value), Nanos(value)),
            "duration" => CelValue.Duration(Seconds(value) * 1_000_000_000 + Nanos(value)),
            "list" => ReadList(value),
            "map" => ReadMap(value),
            _ => throw new InvalidOperationException($"Unknown typed value {property.Name}."),
        };
    }

    private static long Seconds(JsonElement time) => long.Parse(time.GetProperty("seconds").GetString() ?? "", CultureInfo.InvariantCulture);

    private static int Nanos(JsonElement time) => time.GetProperty("nanos").GetInt32();

    private static CelValue ReadList(JsonElement items)
    {
        var list = new ListBuilder(0);
        foreach (var item in items.EnumerateArray())
        {
            list.Add(Read(item));
        }

        return list.ToValue();
    }

    private static CelValue ReadMap(JsonElement entries)
    {
        var map = new HashMap(0, built: false);
        foreach (var entry in entries.EnumerateArray())
        {
            Assert.True(map.TryAdd(Read(entry[0]), Read(entry[1])));
        }

        return CelValue.Of(map);
    }
}
