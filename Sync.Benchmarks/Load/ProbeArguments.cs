using System.Globalization;

namespace Sync.Benchmarks.Load;

/// <summary>What stands behind a probe's name: <c>--name value</c>. A mistake is said and ends the program.</summary>
internal sealed class ProbeArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private ProbeArguments()
    {
    }

    /// <summary>Reads them; null, and why on the error output, when one is not among <paramref name="known"/> or has no value.</summary>
    public static ProbeArguments? Read(ReadOnlySpan<string> arguments, params string[] known)
    {
        var read = new ProbeArguments();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || !known.Contains(arguments[i][2..]) || i + 1 == arguments.Length)
            {
                Console.Error.WriteLine($"Not understood: {arguments[i]}. Known, each with a value: {string.Join(", ", known.Select(name => "--" + name))}");
                return null;
            }

            read._values[arguments[i][2..]] = arguments[i + 1];
        }

        return read;
    }

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>A whole number from 1 on, held within <paramref name="max"/>.</summary>
    public int Number(string name, int otherwise, int max) =>
        _values.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, max) : otherwise;
}
