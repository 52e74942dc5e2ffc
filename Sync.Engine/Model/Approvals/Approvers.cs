using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Approvals;

/// <summary>The kinds of those who may decide on an approval.</summary>
internal enum ApproverKind
{
    /// <summary>A person in a signed-in browser: an owner, a collaborator, or a participant whom somebody invited.</summary>
    Person,

    /// <summary>Whoever has an owner's full access.</summary>
    Owner,

    /// <summary>The user of a name, in a signed-in browser.</summary>
    User,

    /// <summary>The agent of an id.</summary>
    Agent,

    /// <summary>The agent that fills a declared role.</summary>
    Role,
}

/// <summary>One of those who may decide.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Name">The user's name, the agent's id or the role; empty for persons and owners.</param>
internal readonly record struct Approver(ApproverKind Kind, string Name)
{
    public override string ToString() => Kind switch
    {
        ApproverKind.Person => "person",
        ApproverKind.Owner => "owner",
        ApproverKind.User => $"user:{Name}",
        ApproverKind.Agent => $"agent:{Name}",
        _ => $"role:{Name}",
    };
}

/// <summary>Who may decide on an approval: anybody of a list. Immutable.</summary>
internal sealed class Approvers
{
    private const int MaxNamed = 20;

    private const string Form = "Write \"by\": \"person\", \"by\": \"owner\", or a list such as \"by\": [\"user:nina\", \"agent:lead\", \"role:reviewer\"].";

    private Approvers(ImmutableArray<Approver> all) => All = all;

    /// <summary>They, as they were named.</summary>
    public ImmutableArray<Approver> All { get; }

    /// <summary>Whether it is persons as such who decide.</summary>
    public bool ArePersons => All is [{ Kind: ApproverKind.Person }];

    /// <summary>Whether nobody but people may decide.</summary>
    public bool ArePeople => All.All(static approver => approver.Kind is ApproverKind.Person or ApproverKind.User);

    /// <summary>Whether one of them can show a passkey: who decides by a token has none.</summary>
    public bool MayConfirm => All.Any(static approver => approver.Kind is not (ApproverKind.Agent or ApproverKind.Role));

    /// <summary>Reads <c>"person"</c>, <c>"owner"</c> or a list of <c>user:NAME</c>, <c>agent:ID</c>, <c>role:NAME</c>.</summary>
    /// <param name="json">The value of <c>by</c>.</param>
    /// <param name="field">Where it stands, for refusals.</param>
    /// <remarks>Errors: <c>invalid_param</c>.</remarks>
    public static Outcome<Approvers> Parse(JsonElement json, string field)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return One(json.GetString()!) is { } single ? new Approvers([single]) : Bad(field);
        }

        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > MaxNamed)
        {
            return Bad(field);
        }

        var all = ImmutableArray.CreateBuilder<Approver>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || One(item.GetString()!) is not { } approver || (approver.Kind is ApproverKind.Person or ApproverKind.Owner && json.GetArrayLength() > 1))
            {
                return Bad(field);
            }

            all.Add(approver);
        }

        return new Approvers(all.MoveToImmutable());
    }

    /// <summary>Writes it as it was given, as the value of a member.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (All is [{ Kind: ApproverKind.Person or ApproverKind.Owner } single])
        {
            writer.WriteStringValue(single.ToString());
            return;
        }

        writer.WriteStartArray();
        foreach (var approver in All)
        {
            writer.WriteStringValue(approver.ToString());
        }

        writer.WriteEndArray();
    }

    /// <summary>In a sentence: "a signed-in person", "an owner", "user:nina or agent:lead".</summary>
    public override string ToString() => All is [{ Kind: ApproverKind.Person }] ? "a signed-in person"
        : All is [{ Kind: ApproverKind.Owner }] ? "an owner"
        : string.Join(" or ", All.Select(static approver => Identifiers.Shown(approver.ToString())));

    private static Approver? One(string text) => text switch
    {
        "person" => new Approver(ApproverKind.Person, ""),
        "owner" => new Approver(ApproverKind.Owner, ""),
        _ when text.StartsWith("user:", StringComparison.Ordinal) => Named(ApproverKind.User, text["user:".Length..]),
        _ when text.StartsWith("agent:", StringComparison.Ordinal) => Named(ApproverKind.Agent, text["agent:".Length..]),
        _ when text.StartsWith("role:", StringComparison.Ordinal) => Named(ApproverKind.Role, text["role:".Length..]),
        _ => null,
    };

    private static Approver? Named(ApproverKind kind, string name) => Identifiers.IsTitle(name, 256) ? new Approver(kind, name) : null;

    private static SyncError Bad(string field) =>
        new SyncError(ErrorCode.InvalidParam, "'by' says who decides: \"person\", \"owner\", or a list of users, agents and roles.") { Hint = Form, Help = "gates" }.With("field", $"{field}.by");
}
