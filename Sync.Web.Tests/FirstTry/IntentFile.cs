namespace Sync.Web.Tests.FirstTry;

/// <summary>
/// Reads the files of intents. A line that begins with <c>#</c> names an intent; each line below it is a word and what it takes:
/// <c>use</c> actions of the standard library, <c>action</c> and <c>view</c> a definition, <c>do</c> an action with its parameters, <c>call</c> a call over HTTP (all by the owner, beforehand);
/// <c>stranger</c>, <c>disembodied</c>, <c>refused</c> as in <see cref="Intent"/>; <c>http</c> and <c>mcp</c> what is tried, in order, where <c>=&gt;</c> follows with what is sent when the refusal was understood
/// (all of its words that the first try did not have must stand in the refusal; {version} is the version that it gives); <c>holds</c>, <c>says</c>, <c>never</c> what is true afterwards. ROOM stands for the room.
/// </summary>
internal static class IntentFile
{
    public static IEnumerable<Intent> ReadAll() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "FirstTry", "Intents"), "*.txt").Order(StringComparer.Ordinal).SelectMany(file => Read(File.ReadAllLines(file)));

    private static IEnumerable<Intent> Read(string[] lines)
    {
        Intent? intent = null;
        foreach (var line in lines.Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                if (intent is not null)
                {
                    yield return intent;
                }

                intent = new Intent(line[2..].Trim());
            }
            else
            {
                Add(intent ?? throw new FormatException("The file does not begin with an intent's name: " + line), line.Trim());
            }
        }

        if (intent is not null)
        {
            yield return intent;
        }
    }

    private static void Add(Intent intent, string line)
    {
        var (word, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second.Trim()) : (line, "");
        switch (word)
        {
            case "use" or "action" or "view" or "do" or "call": intent.Given.Add(line); break;
            case "stranger": intent.IsStranger = true; break;
            case "disembodied": intent.IsDisembodied = true; break;
            case "refused": intent.IsRefused = true; break;
            case "http": intent.Http.Add(rest); break;
            case "mcp": intent.Mcp.Add(rest); break;
            case "holds": intent.Holds.Add(rest); break;
            case "says": intent.Says.Add(rest); break;
            case "never": intent.Never.Add(rest); break;
            default: throw new FormatException($"'{intent.Name}' has a line that is not known: {line}");
        }
    }
}
