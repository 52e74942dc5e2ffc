using System.Collections.Immutable;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Endpoints of membership: leaving, transfer of ownership, invitation links, answers to invitations.</summary>
internal static class MemberEndpoints
{
    private static readonly string[] s_transferFields = ["username"];
    private static readonly string[] s_invitationFields = ["role", "expires_in"];
    private static readonly string[] s_answerFields = ["accept"];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "DELETE", Pattern = "/rooms/{room}/members/{username}", Name = "removeMember", Group = "Rooms",
            Summary = "Take a member's role away, or leave the room oneself",
            Answer = "MemberRemoved",
            Errors = [ErrorCode.NotOwner, ErrorCode.UserNotFound, ErrorCode.LastOwner],
            Handle = RemoveAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/transfer", Name = "transferRoom", Group = "Rooms",
            Summary = "Make another member the owner; the caller stays as collaborator",
            Body = "Transfer", Answer = "Transferred",
            Errors = [ErrorCode.NotOwner, ErrorCode.UserNotFound, ErrorCode.MissingParam],
            Handle = TransferAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/invitations", Name = "createInvitation", Group = "Rooms",
            Summary = "Make a link that lets one person into the room",
            Description = "`url` is shown this once. It holds a week unless `expires_in` says otherwise, 90 days at most.",
            Body = "CreateInvitation", Success = StatusCodes.Status201Created, Answer = "InvitationMade",
            Errors = [ErrorCode.NotOwner, ErrorCode.IdentityMismatch],
            Handle = InviteAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/invitations", Name = "listInvitations", Group = "Rooms",
            Summary = "List the room's open invitations, newest first",
            Query = ListPage.Query,
            Answer = "InvitationList",
            Errors = [ErrorCode.NotOwner, ErrorCode.IdentityMismatch],
            Handle = ListAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/rooms/{room}/invitations/{id}", Name = "revokeInvitation", Group = "Rooms",
            Summary = "Take an invitation back",
            Answer = "InvitationRevoked",
            Errors = [ErrorCode.NotOwner, ErrorCode.IdentityMismatch, ErrorCode.NotFound],
            Handle = RevokeAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/invitations", Name = "listOwnInvitations", Group = "Rooms",
            Summary = "List the roles that the token's user was given and has not taken up, newest first",
            Query = ListPage.Query, Answer = "OwnInvitationList",
            Handle = ListOwnAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/invitations/{room}", Name = "answerInvitation", Group = "Rooms",
            Summary = "Take up a role that one was given in a room, or refuse it",
            Description = "The role works from the moment it is given. Taken up, the room stands in one's lists; refused, the role is gone.",
            Body = "AnswerInvitation", Answer = "InvitationAnswered",
            Errors = [ErrorCode.NotFound, ErrorCode.MissingParam, ErrorCode.ScopeDenied],
            Handle = AnswerAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> RemoveAsync(ApiCall call) =>
        (await call.Engine.Rooms.RemoveMemberAsync(call.Caller, call.Room, call.Path(1), call.Aborted)).Try(out var removed, out var error)
            ? ApiAnswer.Of(new MemberRemovedJson(Removed: true, removed.User, call.Room, WireText.Of(removed.Role)), MemberJsonContext.Default.MemberRemovedJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> TransferAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_transferFields)) is not null
            || !Refusals.Text(body, "username").Try(out var userName, out error))
        {
            return error;
        }

        if (userName is null)
        {
            return Refusals.Missing("username", """{"username":"bob"}""");
        }

        return (await call.Engine.Rooms.TransferAsync(call.Caller, call.Room, userName, call.Aborted)).Try(out var owner, out error)
            ? ApiAnswer.Of(new TransferredJson(Transferred: true, owner.User, call.Room, WireText.Of(owner.Role)), MemberJsonContext.Default.TransferredJson)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> InviteAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_invitationFields) ?? Refusals.CheckNarrowing(body, "role", "expires_in")) is not null
            || !Refusals.Text(body, "role").Try(out var roleName, out error)
            || !Refusals.Seconds(body, "expires_in").Try(out var life, out error))
        {
            return error;
        }

        if (WireText.Role(roleName ?? WireText.Of(Role.Participant)) is not { } role)
        {
            return Refusals.Parameter("role", "'role' must be owner, collaborator, participant or observer.");
        }

        return (await call.Engine.Invitations.CreateAsync(call.Caller, call.Room, role, life, call.Aborted)).Try(out var made, out error)
            ? ApiAnswer.Of(InvitationJson.Of(made.Info) with { Url = InvitationLink.Of(call.Options.PublicUrl, made.Secret) }, MemberJsonContext.Default.InvitationJson, StatusCodes.Status201Created)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> ListAsync(ApiCall call) =>
        (await call.Engine.Invitations.ListAsync(call.Caller, call.Room, call.Aborted)).Try(out var invitations, out var error)
            ? ListPage.Of(call, "invitations", invitations, static invitation => invitation.Id, InvitationJson.Of, MemberJsonContext.Default.InvitationJson)
            : error;

    // The path names the room and the invitation; the engine knows an invitation by its id alone, so the room is compared here before anything happens.
    private static async Task<Outcome<ApiAnswer>> RevokeAsync(ApiCall call)
    {
        var id = call.Path(1);
        if (!(await call.Engine.Invitations.ListAsync(call.Caller, call.Room, call.Aborted)).Try(out var invitations, out var error))
        {
            return error;
        }

        if (!invitations.Any(invitation => invitation.Id == id))
        {
            return new SyncError(ErrorCode.NotFound, "The room has no such invitation.") { Hint = "List its invitations to see their ids; one that was used or has expired is not among them." };
        }

        return (await call.Engine.Invitations.RevokeAsync(call.Caller, id, call.Aborted)).Try(out var revoked, out error)
            ? ApiAnswer.Of(new InvitationRevokedJson(Revoked: true, revoked.Id), MemberJsonContext.Default.InvitationRevokedJson)
            : error;
    }

    private static Task<Outcome<ApiAnswer>> ListOwnAsync(ApiCall call) => Task.FromResult(
        call.Engine.Rooms.Invitations(call.Caller).Try(out var invitations, out var error)
            ? ListPage.Of(call, "invitations", invitations, static invitation => invitation.Room, OwnInvitationJson.Of, MemberJsonContext.Default.OwnInvitationJson)
            : (Outcome<ApiAnswer>)error);

    private static async Task<Outcome<ApiAnswer>> AnswerAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_answerFields)) is not null
            || !Refusals.Switch(body, "accept").Try(out var accept, out error))
        {
            return error;
        }

        if (accept is not { } accepted)
        {
            return Refusals.Missing("accept", """{"accept":true}""");
        }

        return (await call.Engine.Rooms.AnswerInvitationAsync(call.Caller, call.Path(0), accepted, call.Aborted)).Try(out var answered, out error)
            ? ApiAnswer.Of(new InvitationAnsweredJson(accepted, answered.Room, WireText.Of(answered.Role)), MemberJsonContext.Default.InvitationAnsweredJson)
            : error;
    }
}
