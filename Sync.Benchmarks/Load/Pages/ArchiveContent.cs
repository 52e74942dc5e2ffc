using System.Globalization;
using System.Text.Json.Nodes;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>What stands in an <see cref="ArchiveRoom"/>. One instance for one room: what it gives depends on its seed and on the order it is asked in.</summary>
internal sealed class ArchiveContent(int seed)
{
    public static readonly (string Id, string Name, string Role)[] Team =
    [
        ("planner", "Planner", "planner"), ("ines", "Inès", "transfer"), ("tomasz", "Tomasz", "transfer"), ("okonkwo", "Ada Okonkwo", "transfer"), ("whisper-1", "Whisper 1", "transcriber"),
        ("whisper-2", "Whisper 2", "transcriber"), ("lektor", "Lektor", "editor"), ("hiroko", "Hiroko", "cataloguer"), ("rights-desk", "Rights desk", "lawyer"), ("conservator", "Conservator", "conservator"),
        ("treasurer", "Treasurer", "treasurer"), ("reviewer", "Reviewer", "reviewer"),
    ];

    private static readonly string[] s_subjects =
    [
        "Harbour news", "Evening concert", "Interview with a pilot", "The fish market at four", "Storm warning and what came after", "Letters from listeners", "Opening of the north dock", "Children's hour",
        "A dockers' strike, day nine", "The ferry that never came", "Weather for the coast", "Women of the net lofts", "Radio play: The Lamp", "Quiz night", "Sunday service from the seamen's mission", "The new bridge",
    ];

    private static readonly string[] s_stations = ["Radio Nordhafen", "Kystradioen", "Radio Gdynia", "Haven Omroep", "Harbour FM", "Radio Sund", "Tyne Sound", "Radio Ostend", "Ponant"];
    private static readonly string[] s_speakers = ["H. Brandt", "Marit Solheim", "J. Kowalska", "unknown pilot", "Captain Reyes", "Els de Wit", "Father Donnelly", "a girl of about nine", "Olu Adeyemi", "the harbour master"];
    private static readonly string[] s_tags = ["weather", "labour", "music", "shipping", "dialect", "religion", "sport", "migration", "drama", "first broadcast"];
    private static readonly string[] s_conditions = ["good", "good", "good", "fair", "fair", "brittle", "mouldy", "sticky"];
    private static readonly string[] s_states = ["shelved", "shelved", "shelved", "transferred", "transferred", "transcribed", "transcribed", "described"];

    private static readonly string[] s_tasks =
    [
        "Transfer {0} on the Studer", "Check the azimuth of {0}", "Transcribe side B of {0}", "Find out who speaks on {0}", "Describe {0} for the catalogue", "Compare {0} with its safety copy", "Ask the station about the rights in {0}",
        "Listen to the last five minutes of {0}", "Clean {0} and let it rest for a day", "Match {0} with the programme sheet of that week",
    ];

    private static readonly string[] s_findings =
    [
        "A hum at 50 Hz all the way through, stronger on the left.", "The box says 1962, the announcer says 1964.", "Three splices within a minute; something was cut out.", "Print-through: the voice can be heard a second early.",
        "Runs four per cent too fast, the time signal proves it.", "Someone recorded over the first forty seconds.", "The label names a choir, but this is a football match.",
    ];

    private static readonly string[] s_chat =
    [
        "{0} is on the deck and sounds better than its box looks.", "I have finished {0}. The second half is almost inaudible, see the finding.", "Taking {0} next unless somebody objects.", "Half of the words on {0} are dialect; I leave the timestamps in.",
        "Cleaned the heads. Everything after {0} should be brighter.", "Found the programme sheet: {0} is the evening edition, not the morning one.", "The oven is free again. {0} rests until tomorrow.",
        "That makes forty tapes since Monday, **thank you all**.", "Small thing: please write shelf marks as `C-14`, not `C14`.",
    ];

    private static readonly string[] s_questions =
    [
        "Does anybody recognise the voice at 12:40 on {0}?", "Is {0} the same broadcast as the one we have from the other station?", "May I regrade {0}? It sheds oxide.", "Do we keep the silence at the end of {0}?", "Who ordered the second reel of {0}?",
    ];

    private static readonly string[] s_alerts =
    [
        "Deck studer-b has stopped twice within an hour while playing {0}.", "{0} sticks. Do not rewind it.", "Disk for masters is 91 % full.", "The rights in {0} are claimed by two stations.",
    ];

    private static readonly (string Word, string Meaning)[] s_words =
    [
        ("azimuth", "The angle of the head gap to the tape; a wrong one dulls the treble."), ("print-through", "Sound that one layer of a wound tape leaves on the next."), ("wow", "Slow wavering of pitch."), ("flutter", "Fast wavering of pitch."),
        ("leader", "The coloured strip before the recording begins."), ("bias", "An inaudible tone that makes a recording linear."), ("splice", "Where two pieces of tape were joined."), ("dropout", "A moment in which the tape gives no signal."),
        ("shed", "To lose oxide; what an old tape does before it sticks."), ("reel", "What a tape is wound on."),
    ];

    private readonly Random _random = new(seed);
    private string[] _tapes = [];

    /// <summary>Any of the team but the planner.</summary>
    public string Somebody() => Team[_random.Next(1, Team.Length)].Id;

    public IEnumerable<(string Scope, string Key, JsonNode Value)> Entries(RoomSize size)
    {
        _tapes = [.. Enumerable.Range(1, size.Tapes).Select(number => $"T-{number.ToString("0000", CultureInfo.InvariantCulture)}")];
        return
        [
            .. Shared(),
            .. _tapes.Select((tape, number) => ("_tapes", tape, Tape(number))),
            .. Enumerable.Range(1, size.Tasks).Select(number => ("_tasks", Text(number), Task())),
            .. Enumerable.Range(1, size.Findings).Select(number => ("_findings", Text(number), Finding())),
            .. Enumerable.Range(0, size.Words).Select(number => ("_glossary", Word(number), (JsonNode)s_words[number % s_words.Length].Meaning)),
            .. Enumerable.Range(1, size.Decisions).Select(number => ("_decisions", $"D-{number.ToString("00", CultureInfo.InvariantCulture)}", Decision())),
            .. Enumerable.Range(0, size.Sessions).Select(number => ("_schedule", new DateOnly(2026, 1, 8).AddDays(number * 7).ToString("O", CultureInfo.InvariantCulture), Session())),
            .. s_stations.Select((name, number) => ("_stations", $"st-{Text(number + 1)}", Station(name))),
            .. Team.Skip(1).Select(member => ("_votes", member.Id, (JsonNode)new JsonObject { ["choice"] = Any("yes", "yes", "no", "later") })),
        ];
    }

    /// <summary>What each of the team keeps to itself.</summary>
    public IEnumerable<(string Agent, string Key, JsonNode Value)> Notes() => Team.SelectMany(member => (IEnumerable<(string, string, JsonNode)>)
    [
        (member.Id, "current", AnyTape()),
        (member.Id, "plan", new JsonArray($"finish {AnyTape()}", $"ask about {AnyTape()}", "then the mouldy ones")),
        (member.Id, "mood", Any("calm", "busy", "puzzled")),
        (member.Id, "seen", new JsonObject { ["messages"] = _random.Next(200), ["findings"] = _random.Next(40) }),
    ]);

    /// <summary>What is done after the beginning, with its mistakes.</summary>
    public IEnumerable<(string Agent, string Action, JsonNode Params)> Work(RoomSize size) => Enumerable.Range(0, size.Tasks * 2).Select(number => (number % 8) switch
    {
        0 or 1 => (Somebody(), "claim_task", (JsonNode)new JsonObject { ["task"] = Text(_random.Next(1, size.Tasks + 1)) }),
        2 => (Somebody(), "tag_tape", new JsonObject { ["tape"] = AnyTape(), ["tag"] = Any(s_tags) }),
        3 => (Somebody(), "regrade_tape", new JsonObject { ["tape"] = AnyTape(), ["condition"] = Any(s_conditions) }),
        4 => ("reviewer", "accept_task", new JsonObject { ["task"] = Text(_random.Next(1, size.Tasks + 1)) }),
        5 => (Somebody(), "reserve_deck", new JsonObject { ["deck"] = Any("studer-a", "studer-b", "revox") }),
        6 => ("treasurer", "book_expense", new JsonObject { ["amount"] = Math.Round(4 + (_random.NextDouble() * 60), 2), ["what"] = Any("splicing tape", "postage", "a new belt", "cotton swabs", "courier from the island") }),
        _ => (Somebody(), "move_tape", new JsonObject { ["tape"] = AnyTape(), ["shelf"] = CacheOf() }),
    });

    /// <summary>What is said.</summary>
    public IEnumerable<(string From, JsonNode Params)> Talk(RoomSize size) => Enumerable.Range(0, size.Messages).Select(number =>
    {
        var (kind, lines) = (number % 12) switch { 3 or 8 => ("question", s_questions), 11 => ("alert", s_alerts), _ => ("chat", s_chat) };
        var said = new JsonObject { ["body"] = string.Format(CultureInfo.InvariantCulture, Any(lines), AnyTape()), ["kind"] = kind };
        if (kind == "question" || number % 7 == 0)
        {
            said["to"] = Somebody();
        }

        return (Somebody(), (JsonNode)said);
    });

    private IEnumerable<(string, string, JsonNode)> Shared() => new (string Key, JsonNode Value)[]
    {
        ("objective", "Bring the sound archive of **nine harbour stations** (1951–1989) onto disk and into the union catalogue before the building is vacated.\n\n| step | who | limit |\n|---|---|---|\n| transfer | studio | 14 tapes a day |\n| transcribe | two agents | 6 h a tape |\n| describe | cataloguers | one page |\n\n- nothing is cut, nothing is cleaned up\n- whoever finds something odd writes a *finding*\n- [x] survey finished\n- [ ] rights settled for all nine stations"),
        ("workflow", "```mermaid\nflowchart LR\n  shelf[Shelf] --> check{Condition}\n  check -- sticky --> oven[Oven, 8 h] --> deck\n  check -- good --> deck[Deck]\n  deck --> text[Transcript] --> page[Description] --> rights{Rights}\n  rights -- cleared --> out[(Catalogue)]\n  rights -- in doubt --> desk[Rights desk] --> rights\n```"),
        ("phase", "transfer"), ("budget", 48_000), ("spent", 17_204.35), ("running", 2), ("transferred", 141), ("words", 618_440), ("tasks_accepted", 74), ("tasks_returned", 9), ("beat", 0),
        ("deadline", "2026-09-30"), ("pace", new JsonArray(4, 7, 9, 6, 11, 13, 12, 8, 14, 14, 10, 15, 12, 16)), ("ballot", new JsonObject { ["question"] = "Do we transfer both sides when one is blank?", ["open"] = true }),
        ("house", new JsonObject { ["street"] = "Quay 4", ["vacate_by"] = "2026-10-15", ["keys"] = new JsonArray("porter", "ines") }), ("sample_rate", 96_000), ("bit_depth", 24), ("naming", "{station}_{shelf}_{side}_{yyyymmdd}.wav"),
        ("oven", new JsonObject { ["celsius"] = 54, ["hours"] = 8, ["humidity"] = 0.12 }), ("contact", "archive@harbour.example"), ("union_catalogue", new JsonObject { ["profile"] = "EN 15907", ["endpoint"] = "sftp", ["dry_run"] = true }),
        ("languages", new JsonArray("de", "no", "pl", "nl", "en", "fr")), ("quiet_hours", new JsonObject { ["from"] = "22:00", ["to"] = "07:00" }), ("backup", new JsonObject { ["copies"] = 3, ["places"] = new JsonArray("house", "city library", "bank vault") }),
        ("paused", false), ("last_inventory", "2025-11-30"), ("shelves", 96), ("mean_confidence", 0.871),
    }.Select(pair => ("_shared", pair.Key, pair.Value));

    private JsonNode Tape(int number)
    {
        var status = Any(s_states);
        var tape = new JsonObject
        {
            ["title"] = $"{Any(s_subjects)}, {Text(_random.Next(1, 29))}.{Text(_random.Next(1, 13))}.",
            ["status"] = status,
            ["station"] = Any(s_stations),
            ["shelf"] = CacheOf(),
            ["recorded"] = new DateOnly(1951, 3, 1).AddDays((number * 37) + _random.Next(30)).ToString("O", CultureInfo.InvariantCulture),
            ["minutes"] = _random.Next(6, 62),
            ["condition"] = Any(s_conditions),
            ["speakers"] = new JsonArray([.. Some(s_speakers, 3)]),
            ["tags"] = new JsonArray([.. Some(s_tags, 4)]),
            ["rights"] = Any("cleared", "cleared", "in doubt", "unknown"),
        };
        if (status != "shelved")
        {
            tape["transfer"] = new JsonObject { ["deck"] = Any("studer-a", "studer-b", "revox"), ["by"] = Any("ines", "tomasz", "okonkwo"), ["peak_db"] = Math.Round(-0.3 - (_random.NextDouble() * 9), 1), ["dropouts"] = _random.Next(5) };
        }

        if (status is "transcribed" or "described")
        {
            tape["words"] = _random.Next(600, 7_800);
            tape["confidence"] = Math.Round(0.6 + (_random.NextDouble() * 0.39), 3);
        }

        return tape;
    }

    private JsonNode Task()
    {
        var status = Any("open", "open", "claimed", "review", "done", "done");
        return new JsonObject
        {
            ["title"] = string.Format(CultureInfo.InvariantCulture, Any(s_tasks), AnyTape()),
            ["status"] = status,
            ["minutes"] = _random.Next(1, 25) * 5,
            ["worker"] = status == "open" ? null : Somebody(),
            ["by"] = "planner",
            ["urgent"] = _random.Next(9) == 0,
            ["percent"] = status switch { "done" or "review" => 100, "open" => 0, _ => _random.Next(1, 10) * 10 },
        };
    }

    private JsonNode Finding() => new JsonObject
    {
        ["tape"] = AnyTape(),
        ["kind"] = Any("noise", "mislabelled", "splice", "print-through", "speed"),
        ["severity"] = _random.Next(1, 6),
        ["text"] = Any(s_findings),
        ["by"] = Somebody(),
        ["status"] = Any("open", "settled", "disputed"),
    };

    private JsonNode Decision() => new JsonObject
    {
        ["title"] = Any("Keep both channels of mono tapes", "No noise reduction on masters", "Transcripts keep dialect spelling", "One file for each side", "Sticky tapes are baked once, never twice", "Programme sheets are scanned with the tape"),
        ["reason"] = Any("It can be undone later; the other way cannot.", "Asked the funder, who agrees.", "Nobody objected within two days."),
        ["by"] = Somebody(),
        ["status"] = Any("decided", "decided", "decided", "revoked"),
    };

    private JsonNode Session() => new JsonObject { ["topic"] = Any(s_subjects), ["host"] = Somebody(), ["guests"] = new JsonArray([.. Some(s_speakers, 2)]) };

    private JsonNode Station(string name) => new JsonObject
    {
        ["name"] = name,
        ["from"] = 1951 + _random.Next(9),
        ["to"] = 1975 + _random.Next(15),
        ["lat"] = Math.Round(50 + (_random.NextDouble() * 10), 4),
        ["lon"] = Math.Round(_random.NextDouble() * 20, 4),
    };

    private static string Word(int number) => number < s_words.Length ? s_words[number].Word : $"{s_words[number % s_words.Length].Word} ({Text(1 + (number / s_words.Length))})";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string CacheOf() => $"{"ABCDEFGH"[_random.Next(8)]}-{_random.Next(1, 40).ToString("00", CultureInfo.InvariantCulture)}";

    private string AnyTape() => Any(_tapes);

    private string Any(params string[] of) => of[_random.Next(of.Length)];

    private IEnumerable<JsonNode?> Some(string[] of, int max) => Enumerable.Range(0, _random.Next(1, max + 1)).Select(_ => Any(of)).Distinct().Select(text => (JsonNode?)text);
}
