using System.Collections;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Commands.Rooms;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Commands are data: each can be sent as JSON to where the room's writer is, and does the same there.</summary>
public sealed class CommandTests
{
    private static readonly JsonSerializerOptions s_json = new() { Converters = { new JsonTextConverter(), new JsonStringEnumConverter() } };

    // Everything a command may be made of, besides records of the same.
    private static readonly HashSet<Type> s_values =
    [
        typeof(string), typeof(bool), typeof(int), typeof(long), typeof(TimeSpan), typeof(DateTimeOffset), typeof(JsonElement), typeof(JsonText),
    ];

    private static readonly CallerIdentity s_caller = new("tok_1", System: null, AccessLevel.None, new SentSession("s1", "probe", new SessionRoom { Agent = "ann", Max = AccessLevel.Write, Role = "tester", Lost = "bob", IsForCall = true }));
    private static readonly WorkSource s_source = new("user", "ann");
    private static readonly JoinRequest s_join = new()
    {
        Id = "ann",
        Name = "Ann",
        Role = "tester",
        Meta = JsonText.Of(Json("""{"a":[1,2]}""")),
        Enabled = "true",
        State = [new InitialKey("k", JsonText.Of(Json("1.50")))],
        PublicKeys = ["k"],
        Views = [Json("""{"id":"v","expr":"1"}""")],
    };

    private static readonly PastEntry s_past = new(JsonText.Of(Json("[1]")), new EntryTimer(TimerEffect.Delete, DateTimeOffset.UnixEpoch, TickScope: "_shared", TickKey: "k", TicksLeft: 2) { After = TimeSpan.FromSeconds(1) }, "true");
    private static readonly RevertPlan s_revert = new()
    {
        Parts = [new RevertedPart(41, "ann", "vote", JsonText.Of(Json("""{"n":1}""")))],
        Keys = [new RevertedKey("_shared", "k", 42, s_past, [new PastWrite(42, "ann", IsReverted: true, s_past, [new ValueEdit { Kind = EditKind.Increment, Path = "a", Operand = JsonText.Of(Json("1")), Index = 1, Sum = JsonText.Of(Json("2")) }])])],
    };

    private static readonly RoomCommand[] s_commands =
    [
        new InvokeCommand
        {
            Source = s_source,
            Caller = s_caller,
            Action = "vote",
            Request = new InvokeRequest { Params = Json("""{"n":12345678901234567890,"t":"Grüße"}"""), Agent = "ann", DryRun = true, RequestId = "r", Consent = ["state.self"], IfActionVersion = "v", Fence = 7, Wait = TimeSpan.FromSeconds(1), Because = new Cause(CauseKind.Message, 3) { Seq = 41 } },
            IsMalformed = true,
            Wake = 41,
            OldMessages = [new OldMessage(3, 41)],
            Revert = s_revert,
        },
        new JoinCommand { Source = s_source, Caller = new CallerIdentity(Token: null, System: null, AccessLevel.None, Session: null), Request = s_join, User = "u_1" },
        new EmbodyCommand { Source = s_source, Caller = s_caller, Request = s_join, FillsRole = true, IsNamed = true, TakesOver = true },
        new UpdateAgentCommand
        {
            Source = s_source,
            Caller = new CallerIdentity(Token: null, "demo", AccessLevel.Admin, Session: null),
            Agent = "ann",
            Patch = new AgentPatch
            {
                Name = "Ann",
                Role = "r",
                Status = AgentStatus.Done,
                Meta = JsonText.Of(Json("{}")),
                Enabled = "true",
                HasEnabled = true,
                Grants = ["bob"],
                Trusts = ["carl"],
                HasTimer = true,
                Timer = new TimerSpec(TimerEffect.Enable, TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch, 3, "_shared", "turn"),
            },
        },
        new RemoveAgentCommand { Source = s_source, Caller = s_caller, Agent = "ann", Free = true },
        new ReleaseAgentCommand { Agent = new AgentBinding("ann", 7) },
        new CreateRoomCommand
        {
            Name = "n",
            Join = JoinPolicy.Members,
            IsSystem = true,
            Creator = new RoomCreator("u_1", "ann", "Ann"),
            Template = JsonText.Of(Json("""{"name":"p","version":"1"}""")),
            Copy = new RoomCopy(7, [new CopiedEntry("_shared", "k", JsonText.Of(Json("1.50"))) { Enabled = "true", Timer = new EntryTimer(TimerEffect.Delete, DateTimeOffset.UnixEpoch, "_shared", "turn", 3) { After = TimeSpan.FromSeconds(1) } }]),
        },
        new UpdateRoomCommand { Name = "n", Join = JoinPolicy.Members },
        new DrainCommand(),
    ];

    public static TheoryData<string> Kinds => [.. typeof(RoomCommand).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(RoomCommand)) && !type.IsAbstract).Select(static type => type.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Command_ThroughJson_IsTheSame(string kind)
    {
        var command = Assert.Single(s_commands, command => command.GetType().Name == kind);

        var text = JsonSerializer.Serialize(command, command.GetType(), s_json);
        var back = JsonSerializer.Deserialize(text, command.GetType(), s_json);

        Assert.Equal(text, JsonSerializer.Serialize(back, command.GetType(), s_json));
        AssertSame(command, back, kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Command_HoldsValuesOnly(string kind) =>
        AssertData(typeof(RoomCommand).Assembly.GetTypes().Single(type => type.Name == kind), kind, []);

    /// <summary>Every kind is decided: one that the decider forgets throws.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Command_OfEachKind_IsDecided(string kind)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var room = await host.LoadedAsync("r");

        var outcome = await room.Writer.ExecuteAsync(s_commands.Single(command => command.GetType().Name == kind), EngineHost.Cancel);

        Assert.True(outcome.Error is null || outcome.Error.Code.Name.Length > 0);
    }

    // Each property was given a value that is not its default, so that one which is lost is seen.
    private static void AssertSame(object? expected, object? found, string path)
    {
        if (expected is null or string or ValueType { } and (bool or int or long or TimeSpan or DateTimeOffset or Enum or JsonText))
        {
            Assert.True(Equals(expected, found), $"{path}: {expected} became {found}");
            return;
        }

        if (expected is JsonElement element)
        {
            Assert.True(JsonElement.DeepEquals(element, Assert.IsType<JsonElement>(found)), path);
            return;
        }

        if (expected is IEnumerable items)
        {
            var (before, after) = (items.Cast<object>().ToList(), Assert.IsAssignableFrom<IEnumerable>(found).Cast<object>().ToList());
            Assert.Equal(before.Count, after.Count);
            for (var index = 0; index < before.Count; index++)
            {
                AssertSame(before[index], after[index], $"{path}[{index}]");
            }

            return;
        }

        Assert.Equal(expected.GetType(), found?.GetType());
        foreach (var property in expected.GetType().GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance))
        {
            AssertSame(property.GetValue(expected), property.GetValue(found), $"{path}.{property.Name}");
        }
    }

    private static void AssertData(Type type, string path, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (s_values.Contains(type) || type.IsEnum || !seen.Add(type))
        {
            return;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            AssertData(type.GetGenericArguments()[0], $"{path}[]", seen);
            return;
        }

        var isRecord = type.GetMethod("<Clone>$") is not null || (type.IsValueType && type.GetMethod("PrintMembers", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance) is not null);
        Assert.True(isRecord, $"{path} is a {type.Name}, which is no data.");
        foreach (var property in type.GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance))
        {
            AssertData(property.PropertyType, $"{path}.{property.Name}", seen);
        }
    }

    private static JsonElement Json(string text) => EngineHost.Json(text);

    private sealed class JsonTextConverter : JsonConverter<JsonText>
    {
        public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonText.Of(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) => value.WriteTo(writer);
    }
}
