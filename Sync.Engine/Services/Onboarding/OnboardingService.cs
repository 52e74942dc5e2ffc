using Sync.Engine.Authority;
using Sync.Engine.Authority.Delegation;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Users;

namespace Sync.Engine.Services.Onboarding;

/// <summary>A person's first steps on this server. Nothing is kept of them: each answer is worked out of what there is at that moment. Thread-safe.</summary>
public sealed class OnboardingService
{
    /// <summary>In so many of a person's rooms, those with the newest events, it is looked for a decision of theirs; rooms that are not in memory are loaded for it.</summary>
    private const int MaxRooms = 10;

    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly VisibleRooms _visible;
    private readonly Delegation _delegation;
    private readonly UserService _users;

    internal OnboardingService(RoomDirectory directory, IdentityCache access, VisibleRooms visible, Delegation delegation, UserService users)
    {
        _directory = directory;
        _access = access;
        _visible = visible;
        _delegation = delegation;
        _users = users;
    }

    /// <summary>The first steps of the signed-in person.</summary>
    /// <remarks>Errors: <c>authentication_required</c> without a session.</remarks>
    public async Task<Outcome<FirstSteps>> ReadAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!_delegation.SessionOf(caller).Try(out var person, out var error))
        {
            return error;
        }

        var codes = await _users.RecoveryCodesLeftAsync(person.User.Id, cancellationToken).ConfigureAwait(false);
        var tokens = await _access.Tokens.ListTokensAsync(person.User, cancellationToken).ConfigureAwait(false);
        return new FirstSteps(
            codes > 0,
            _visible.ByAge(caller, AccessLevel.Admin).Select(place => _visible.Find(caller, place.Id, AccessLevel.Admin)).FirstOrDefault(static room => room is not null)?.Record.Id,
            tokens.Any(static token => token.State.LastUsedAt is not null),
            await HasDecidedAsync(caller, person.User, cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> HasDecidedAsync(Caller caller, UserRecord user, CancellationToken cancellationToken)
    {
        foreach (var place in _visible.ByActivity(caller, AccessLevel.Write).Take(MaxRooms))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_visible.Find(caller, place.Id, AccessLevel.Write) is { } room
                && (await _directory.OpenAsync(room.Record).ConfigureAwait(false)).Try(out var loaded, out _)
                && loaded.Published is var state
                && state.Approvals.Decided.Any(approval => approval is { ByPerson: true, DecidedBy: { } decider } && state.Agents.TryGetValue(decider, out var agent) && agent.User == user.Id))
            {
                return true;
            }
        }

        return false;
    }
}
