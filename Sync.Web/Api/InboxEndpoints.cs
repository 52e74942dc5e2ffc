using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Inbox;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>What waits for a person in all their rooms.</summary>
internal static class InboxEndpoints
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "GET", Pattern = "/inbox", Name = "inbox", Group = "Reading",
            Summary = "What waits for the token's user in all their rooms",
            Description = "Approvals that the user may decide in a signed-in browser, questions and messages directed to the user's own agent, invitations, and what needs attention; of the rooms that the token reads. Reading it moves no read cursor.",
            Query =
            [
                new("kind", "string", "Of one kind alone: `approval`, `question`, `message`, `invitation` or `attention`."),
                new("room", "string", "Of one room alone."),
                new("limit", "integer", $"At most so many items, 1 to {InboxRequest.MaxItems}; 200 by default."),
            ],
            Answer = "Inbox",
            Handle = ReadAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> ReadAsync(ApiCall call)
    {
        InboxKind? kind = null;
        if (call.Query("kind") is { } name)
        {
            kind = InboxKinds.Parse(name);
            if (kind is null)
            {
                return Refusals.Parameter("kind", $"'kind' is one of {string.Join(", ", InboxKinds.All.Select(static kind => $"'{kind.Name()}'"))}.");
            }
        }

        if (!call.Integer("limit", InboxRequest.All.Limit, 1, InboxRequest.MaxItems).Try(out var limit, out var error))
        {
            return error;
        }

        var request = new InboxRequest { Kind = kind, Room = call.Query("room"), Limit = (int)limit };
        return (await call.Engine.Inbox.ReadAsync(call.Caller, request, call.Aborted)).Try(out var inbox, out error) ? ApiAnswer.Of(inbox) : error;
    }
}
