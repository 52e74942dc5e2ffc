using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Approvals;

/// <summary>
/// What of an approval not everybody may read: the parameters, on whose rights it rests, what was shown, and later its answer. As JSON of the engine's own; read when it is asked for.
/// </summary>
/// <param name="json">The entry of <c>~approvals</c>.</param>
internal sealed class ApprovalDetails(JsonText json)
{
    private Invoker? _invoker;

    public JsonText Json => json;

    /// <summary>Who asked, and with what; null once only the decision is kept.</summary>
    public Invoker? Asked => _invoker ??= Invoker.Read(json);

    /// <summary>The answer of the invocation that was accepted; null where there is none.</summary>
    public JsonText? Answer => Member("answer");

    /// <summary>What was decided, to tell a retry from another decision.</summary>
    public string? Decision => Member("decision") is { } text && text.Kind == JsonValueKind.String ? text.ToElement().GetString() : null;

    /// <summary>What exactly was accepted of one rule while others are still asked; null for nothing.</summary>
    public string? AcceptedOf(ApprovalRule rule) =>
        Member("accepted") is { Kind: JsonValueKind.Object } all && all.ToElement().TryGetProperty(rule.Key, out var what) ? what.GetString() : null;

    /// <summary>The same with more.</summary>
    public JsonText With(string name, JsonNode? value)
    {
        var node = (JsonObject)json.ToNode()!; // Read as an object.
        node[name] = value;
        return JsonText.Of(node);
    }

    /// <summary>An invocation that waits for a decision, and on whose rights it rests: ids, which are looked up when it is decided.</summary>
    internal sealed record Invoker
    {
        public required JsonText Params { get; init; }

        public bool Consents { get; init; }

        public long? Fence { get; init; }

        public required CallerIdentity Caller { get; init; }

        /// <summary>The agent as the request named it, or null.</summary>
        public string? Named { get; init; }

        /// <summary>Which agent of that id it was; null for nobody.</summary>
        public long? Since { get; init; }

        /// <summary>The user who called, or on whose behalf the token was made; null for nobody.</summary>
        public string? User { get; init; }

        /// <summary>The user whose agent it is, or null.</summary>
        public string? AgentUser { get; init; }

        /// <summary>The private scopes that it would write: who does not see all of them does not see the parameters.</summary>
        public ImmutableArray<string> Scopes { get; init; } = [];

        /// <summary>The leases that it needs, each with its fence: their clocks stand still until it is decided.</summary>
        public ImmutableArray<(string Key, long Fence)> Leases { get; init; } = [];

        /// <summary>Whether it was invoked on a page.</summary>
        public bool InBrowser { get; init; }

        /// <summary>Makes what is compared of the writes unguessable for who sees the comparison only.</summary>
        public required string Salt { get; init; }

        /// <summary>What was shown.</summary>
        public required string WritesVersion { get; init; }

        public JsonObject ToJson()
        {
            var node = new JsonObject
            {
                ["params"] = Params.ToNode(),
                ["salt"] = Salt,
                ["writes_version"] = WritesVersion,
                ["scopes"] = new JsonArray([.. Scopes.Select(static scope => (JsonNode)scope)]),
            };
            Put("leases", Leases.IsEmpty ? null : new JsonArray([.. Leases.Select(static lease => (JsonNode)new JsonObject { ["key"] = lease.Key, ["fence"] = lease.Fence })]));
            Put("user", User);
            Put("agent_user", AgentUser);
            Put("token", Caller.Token);
            Put("system", Caller.System);
            Put("level", Caller.System is null ? null : (int)Caller.SystemLevel);
            Put("named", Named);
            Put("since", Since);
            Put("fence", Fence);
            Put("consent", Consents ? true : null);
            Put("browser", InBrowser ? true : null);
            if (Caller.Session is { } session)
            {
                node["session"] = new JsonObject
                {
                    ["id"] = session.Id,
                    ["client"] = session.Client,
                    ["agent"] = session.SessionRoom.Agent,
                    ["role"] = session.SessionRoom.Role,
                    ["max"] = (int)session.SessionRoom.Max,
                    ["for_call"] = session.SessionRoom.IsForCall,
                };
            }

            return node;

            void Put(string name, JsonNode? value)
            {
                if (value is not null)
                {
                    node[name] = value;
                }
            }
        }

        public static Invoker? Read(JsonText json)
        {
            using var document = json.Parse();
            var root = document.RootElement;
            if (!root.TryGetProperty("params"u8, out var parameters) || Text(root, "salt") is not { } salt || Text(root, "writes_version") is not { } version)
            {
                return null;
            }

            return new Invoker
            {
                Params = JsonText.Of(parameters),
                Salt = salt,
                WritesVersion = version,
                Scopes = root.TryGetProperty("scopes"u8, out var scopes) ? [.. scopes.EnumerateArray().Select(static scope => scope.GetString()!)] : [], // Written as texts.
                Leases = root.TryGetProperty("leases"u8, out var leases) ? [.. leases.EnumerateArray().Select(static lease => (lease.GetProperty("key"u8).GetString()!, lease.GetProperty("fence"u8).GetInt64()))] : [], // Written so.
                User = Text(root, "user"),
                AgentUser = Text(root, "agent_user"),
                Caller = new CallerIdentity(Text(root, "token"), Text(root, "system"), (AccessLevel)(Number(root, "level") ?? 0), SessionOf(root)),
                Named = Text(root, "named"),
                Since = Number(root, "since"),
                Fence = Number(root, "fence"),
                Consents = root.TryGetProperty("consent"u8, out _),
                InBrowser = root.TryGetProperty("browser"u8, out _),
            };
        }

        private static SentSession? SessionOf(JsonElement root) => !root.TryGetProperty("session"u8, out var session) ? null : new SentSession(
            Text(session, "id") ?? "",
            Text(session, "client") ?? "",
            new SessionRoom { Agent = Text(session, "agent"), Role = Text(session, "role"), Max = (AccessLevel)(Number(session, "max") ?? 0), IsForCall = session.GetProperty("for_call"u8).GetBoolean() });

        private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        private static long? Number(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
    }

    private JsonText? Member(string name)
    {
        using var document = json.Parse();
        return document.RootElement.TryGetProperty(name, out var value) ? JsonText.Of(value) : null;
    }
}
