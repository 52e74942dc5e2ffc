using System.Collections.Frozen;
using System.Globalization;
using Sync.Cel.Syntax;
using Sync.Engine.Primitives.Options;

namespace Sync.Web.Options;

/// <summary>
/// Reads section <c>Sync</c> and collects every mistake instead of stopping at the first. Reading by hand rather than by the
/// configuration binder: the binder throws at the first value it cannot convert and says nothing about names it does not know.
/// </summary>
internal sealed class SyncOptionsReader
{
    private const string SectionName = "Sync";

    /// <summary>What the paths of endpoints begin with. The path of the public address must not: a request would say one thing with a proxy that hands it on, and another with one that does not.</summary>
    internal static readonly FrozenSet<string> OwnSegments = new[]
    {
        ".well-known", "_blazor", "_content", "_framework", "admin", "auth", "css", "diagrams", "docs", "fonts", "health", "inbox", "invitations", "js", "lib", "manage", "mcp", "new", "not-found", "oauth", "openapi", "recover",
        "reference", "rooms", "setup", "tokens", "vault", "webhooks",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly IConfigurationSection _section;
    private readonly IConfiguration _configuration;
    private readonly List<string> _mistakes = [];
    private readonly List<EffectiveSetting> _effective = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private SyncOptionsReader(IConfiguration configuration) => (_configuration, _section) = (configuration, configuration.GetSection(SectionName));

    /// <summary>The options, and a sentence for each mistake; with mistakes the options hold defaults in their place.</summary>
    public static (SyncOptions Options, IReadOnlyList<string> Mistakes) Read(IConfiguration configuration)
    {
        var reader = new SyncOptionsReader(configuration);
        var options = reader.Read() with { Effective = reader._effective };
        reader.ReportUnknownNames();
        return (options, reader._mistakes);
    }

    private SyncOptions Read()
    {
        var defaults = new SyncOptions { DataDirectory = "data" };
        return new SyncOptions
        {
            PublicUrl = Url("PublicUrl", PublicAddress.OfListening(_configuration)),
            BrowserOrigins = Origins("BrowserOrigins"),
            DataDirectory = Folder("DataDirectory", defaults.DataDirectory),
            Registration = OneOf("Registration", defaults.Registration),
            Rooms = new RoomsOptions { Join = OneOf("Rooms:Join", defaults.Rooms.Join) },
            Demo = Switch("Demo", defaults.Demo),
            Limits = ReadLimits(defaults.Limits),
            Webhooks = new WebhookOptions { PrivateAddresses = Switch("Webhooks:PrivateAddresses", defaults.Webhooks.PrivateAddresses) },
            Storage = OneOf("Storage", defaults.Storage),
        };
    }

    private LimitOptions ReadLimits(LimitOptions defaults)
    {
        var room = defaults.Room;
        var cel = room.Cel;
        return new LimitOptions
        {
            RequestsPerSecond = Number("Limits:RequestsPerSecond", defaults.RequestsPerSecond, 1, 1_000_000),
            AnonymousRequestsPerSecond = Number("Limits:AnonymousRequestsPerSecond", defaults.AnonymousRequestsPerSecond, 1, 1_000_000),
            GuessesPerSecond = Number("Limits:GuessesPerSecond", defaults.GuessesPerSecond, 1, 1_000_000),
            RequestsInFlight = Number("Limits:RequestsInFlight", defaults.RequestsInFlight, 1, 1_000_000),
            AnswerBytesPerSecond = Number("Limits:AnswerBytesPerSecond", defaults.AnswerBytesPerSecond, 1024, int.MaxValue),
            SessionsPerUser = Number("Limits:SessionsPerUser", defaults.SessionsPerUser, 1, 10_000),
            BodyBytes = Number("Limits:BodyBytes", defaults.BodyBytes, 1024, 256 * 1024 * 1024),
            ConfirmedFor = Seconds("Limits:ConfirmedSeconds", defaults.ConfirmedFor, 10, 86_400),
            BodyTimeout = Seconds("Limits:BodySeconds", defaults.BodyTimeout, 1, 3600),
            Room = room with
            {
                ValueBytes = Number("Limits:ValueBytes", room.ValueBytes, 16, 64 * 1024 * 1024),
                MessageBytes = Number("Limits:MessageBytes", room.MessageBytes, 256, 16 * 1024 * 1024),
                DefinitionBytes = Number("Limits:DefinitionBytes", room.DefinitionBytes, 256, 16 * 1024 * 1024),
                MetaBytes = Number("Limits:MetaBytes", room.MetaBytes, 16, 1024 * 1024),
                RoomBytes = Number("Limits:RoomBytes", (int)room.RoomBytes, 1024, int.MaxValue),
                JsonDepth = Number("Limits:JsonDepth", room.JsonDepth, 1, EngineOptions.MaxJsonDepth),
                Entries = Number("Limits:Entries", room.Entries, 1, 10_000_000),
                Actions = Number("Limits:Actions", room.Actions, 1, 100_000),
                Views = Number("Limits:Views", room.Views, 1, 100_000),
                Agents = Number("Limits:Agents", room.Agents, 1, 100_000),
                AgentsPerUser = Number("Limits:AgentsPerUser", room.AgentsPerUser, 1, 100_000),
                DefinitionsPerAgent = Number("Limits:DefinitionsPerAgent", room.DefinitionsPerAgent, 1, 100_000),
                Leases = Number("Limits:Leases", room.Leases, 1, 1_000_000),
                LeasesPerAgent = Number("Limits:LeasesPerAgent", room.LeasesPerAgent, 1, 1_000_000),
                WritesPerAction = Number("Limits:WritesPerAction", room.WritesPerAction, 1, 10_000),
                Waits = Number("Limits:Waits", room.Waits, 1, 1_000_000),
                TokensPerUser = Number("Limits:TokensPerUser", room.TokensPerUser, 2, 1_000_000),
                QueuedCommands = Number("Limits:QueuedCommands", room.QueuedCommands, 1, 1_000_000),
                QueuedCommandsPerAgent = Number("Limits:QueuedCommandsPerAgent", room.QueuedCommandsPerAgent, 1, 1_000_000),
                AnswerBytes = Number("Limits:AnswerBytes", room.AnswerBytes, 16 * 1024, 1024 * 1024 * 1024),
                ContextBytes = Number("Limits:ContextBytes", room.ContextBytes, 8 * 1024, 1024 * 1024 * 1024),
                LeanContextBytes = Number("Limits:LeanContextBytes", room.LeanContextBytes, 8 * 1024, 1024 * 1024 * 1024),
                WaitsPerAgent = Number("Limits:WaitsPerAgent", room.WaitsPerAgent, 1, 1_000_000),
                WaitsPerToken = Number("Limits:WaitsPerToken", room.WaitsPerToken, 1, 1_000_000),
                WaitsPerUser = Number("Limits:WaitsPerUser", room.WaitsPerUser, 1, 1_000_000),
                Streams = Number("Limits:Streams", room.Streams, 1, 1_000_000),
                StreamsPerToken = Number("Limits:StreamsPerToken", room.StreamsPerToken, 1, 1_000_000),
                StreamsPerUser = Number("Limits:StreamsPerUser", room.StreamsPerUser, 1, 1_000_000),
                RequestKeys = Number("Limits:RequestKeys", room.RequestKeys, 1, 10_000_000),
                RequestKeysPerAgent = Number("Limits:RequestKeysPerAgent", room.RequestKeysPerAgent, 1, 10_000_000),
                RoomsPerUser = Number("Limits:RoomsPerUser", room.RoomsPerUser, 1, 100_000),
                WaitTimeout = Seconds("Limits:WaitSeconds", room.WaitTimeout, 1, 600),
                MaxWaitTimeout = Seconds("Limits:MaxWaitSeconds", room.MaxWaitTimeout, 1, 3600),
                Cel = cel with
                {
                    SourceLength = Number("Limits:CelSourceLength", cel.SourceLength, 16, 1024 * 1024),
                    Nesting = Number("Limits:CelNesting", cel.Nesting, 4, 200),
                    Cost = Number("Limits:CelCost", (int)cel.Cost, 1000, int.MaxValue),
                    Deadline = Seconds("Limits:CelSeconds", cel.Deadline, 1, 60),
                },
            },
        };
    }

    private string? Raw(string name)
    {
        _known.Add(name);
        return _section[name] is { Length: > 0 } text ? text : null;
    }

    private string Url(string name, string byDefault) => Noted(name, ReadUrl(name, byDefault), byDefault);

    private string ReadUrl(string name, string byDefault)
    {
        if (Raw(name) is not { } text)
        {
            return byDefault;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url is { Query: "", Fragment: "", UserInfo: "" })
        {
            if (url.Segments.Length > 1 && OwnSegments.Contains(url.Segments[1].TrimEnd('/')))
            {
                return Mistake(name, text, $"may not have a path that begins with {url.Segments[1].TrimEnd('/')}, as paths of the server itself do; take another, such as /sync", byDefault);
            }

            return text.TrimEnd('/');
        }

        return Mistake(name, text, "must be an absolute http or https address without query, such as https://sync.example.org", byDefault);
    }

    private IReadOnlyList<string> Origins(string name)
    {
        var origins = new List<string>();
        foreach (var text in (Raw(name) ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            // As browsers write it (RFC 6454 §6.2): no path, no default port, small letters.
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 || url is not { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" })
            {
                return Mistake<IReadOnlyList<string>>(name, text, "must be origins with blanks between them, such as https://app.example.org", []);
            }

            origins.Add($"{url.Scheme}://{url.Authority}");
        }

        return Noted<IReadOnlyList<string>>(name, origins, [], static origins => string.Join(' ', origins));
    }

    private string Folder(string name, string byDefault)
    {
        var text = Raw(name) ?? byDefault;
        try
        {
            return Noted(name, Path.GetFullPath(text), Path.GetFullPath(byDefault));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or PathTooLongException)
        {
            return Mistake(name, text, "is not a path", Path.GetFullPath(byDefault));
        }
    }

    private bool Switch(string name, bool byDefault) => Noted(
        name,
        Raw(name) is not { } text ? byDefault
        : bool.TryParse(text, out var value) ? value
        : Mistake(name, text, "must be true or false", byDefault),
        byDefault,
        static value => value ? "true" : "false");

    private int Number(string name, int byDefault, int minimum, int maximum) =>
        Noted(name, ReadNumber(name, byDefault, minimum, maximum), byDefault, static value => value.ToString(CultureInfo.InvariantCulture));

    private int ReadNumber(string name, int byDefault, int minimum, int maximum) =>
        Raw(name) is not { } text ? byDefault
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
          && value >= minimum && value <= maximum ? value
        : Mistake(name, text, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {minimum} to {maximum}"), byDefault);

    private TimeSpan Seconds(string name, TimeSpan byDefault, int minimum, int maximum) =>
        TimeSpan.FromSeconds(Number(name, (int)byDefault.TotalSeconds, minimum, maximum));

    private T OneOf<T>(string name, T byDefault)
        where T : struct, Enum =>
        Noted(name, ReadOneOf(name, byDefault), byDefault, static value => value.ToString().ToLowerInvariant());

    private T ReadOneOf<T>(string name, T byDefault)
        where T : struct, Enum
    {
        if (Raw(name) is not { } text)
        {
            return byDefault;
        }

        // Enum.TryParse also takes numbers and lists; only the names are settings.
        var names = Enum.GetNames<T>();
        var index = Array.FindIndex(names, candidate => string.Equals(candidate, text, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? Enum.Parse<T>(names[index])
            : Mistake(name, text, "must be " + string.Join(" or ", names.Select(candidate => candidate.ToLowerInvariant())), byDefault);
    }

    private T Noted<T>(string name, T value, T byDefault, Func<T, string>? text = null)
        where T : notnull
    {
        var words = text ?? (static value => value.ToString() ?? "");
        _effective.Add(new EffectiveSetting(name, words(value), words(byDefault)));
        return value;
    }

    private T Mistake<T>(string name, string text, string what, T instead)
    {
        _mistakes.Add($"{SectionName}:{name} {what}; it is \"{text}\".");
        return instead;
    }

    private void ReportUnknownNames()
    {
        foreach (var (path, value) in _section.AsEnumerable(makePathsRelative: true))
        {
            // Without a value it is a section on the way to a setting, not a setting.
            if (string.IsNullOrEmpty(value) || _known.Contains(path))
            {
                continue;
            }

            var nearest = DidYouMean.Nearest(path, _known);
            _mistakes.Add(nearest is null
                ? $"{SectionName}:{path} is no setting."
                : $"{SectionName}:{path} is no setting; did you mean {SectionName}:{nearest}?");
        }
    }
}
