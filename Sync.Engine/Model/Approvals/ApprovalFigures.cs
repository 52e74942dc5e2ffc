using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Approvals;

/// <summary>The approvals of a room as expressions read them: by id, those that are pending, and those that the reader's agent may decide.</summary>
internal static class ApprovalFigures
{
    public const string Pending = "pending";
    public const string ToDecide = "to_decide";

    private static readonly string[] s_fields = ["id", "status", "action", "agent", "by", "asked_at", "expires_at", "decided_by", "note", "seq", "edited", "accepted", "needs"];

    /// <summary>What a name under <c>approvals</c> stands for; null for nothing.</summary>
    public static CelValue? Find(Moment moment, string? self, string name) => name switch
    {
        Pending => List(moment.State.Approvals.Pending, moment),
        ToDecide => List(moment.State.Approvals.Pending.Where(record => IsFor(record, moment, self)), moment),
        _ => moment.State.Approvals.Find(name) is { } record ? CelValue.Of(Map(record, moment)) : null,
    };

    /// <summary>
    /// Whether an agent may decide on an approval, as far as the room knows: it is named, or its user owns the room, and nobody of its own asked for it. What a person may decide in a signed-in browser is known to
    /// the page that asks.
    /// </summary>
    public static bool IsFor(ApprovalRecord record, Moment moment, string? self)
    {
        if (self is null || !record.IsPending || record.Agent == self || !moment.State.Agents.TryGetValue(self, out var agent) || record.Details.Asked is not { } asked
            || (agent.User is { } user && (user == asked.User || user == asked.AgentUser)))
        {
            return false;
        }

        return record.Needs.Any(rule => !rule.Confirm && rule.By.All.Any(approver => approver.Kind switch
        {
            ApproverKind.Agent => rule.Means(agent, approver.Name, moment.Record, record.Number),
            ApproverKind.Role => LiveLeases.Find(moment, LeaseKeys.OfRole(approver.Name))?.Of(self) is not null,
            ApproverKind.Owner => agent.User is { } owner && moment.LevelOf(owner) == AccessLevel.Admin,
            _ => false,
        }));
    }

    /// <summary>Writes who decides, as one <c>by</c> where one rule asks, else a list of them.</summary>
    public static void WriteBy(Utf8JsonWriter writer, ApprovalRecord record)
    {
        if (record.Rules is [var rule])
        {
            rule.By.WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        foreach (var each in record.Rules)
        {
            each.By.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static CelValue List(IEnumerable<ApprovalRecord> records, Moment moment) => CelValue.Of(new Records([.. records], moment));

    private static LazyMap Map(ApprovalRecord record, Moment moment) => new(static () => s_fields, field => field switch
    {
        "id" => CelValue.Of(record.Id),
        "status" => CelValue.Of(record.Status),
        "action" => CelValue.Of(record.Action),
        "agent" => Text(record.Agent),
        "by" => CelValue.ParseJson(JsonText.Write(record, static (writer, record) => WriteBy(writer, record)).Span),
        "asked_at" => CelValue.Of(record.AskedAt),
        "expires_at" => record.ExpiresAt(moment) is { } at ? CelValue.Of(at) : CelValue.Null,
        "decided_by" => Text(record.DecidedBy),
        "note" => Text(record.Note),
        "seq" => record.Seq is { } seq ? CelValue.Of(seq) : CelValue.Null,
        "edited" => CelValue.Of(record.Edited),
        "accepted" => CelValue.ParseJson(JsonText.Of(new JsonArray([.. record.Acceptances.Select(static acceptance => (JsonNode)acceptance.By)])).Span),
        "needs" => CelValue.ParseJson(JsonText.Of(new JsonArray([.. (record.IsPending ? record.Needs : []).Select(static rule => (JsonNode)string.Join(',', rule.By.All))])).Span),
        _ => null,
    });

    private static CelValue Text(string? text) => text is null ? CelValue.Null : CelValue.Of(text);

    private sealed class Records(List<ApprovalRecord> records, Moment moment) : CelList
    {
        public override int Count => records.Count;

        public override CelValue this[int index] => CelValue.Of(Map(records[index], moment));
    }
}
