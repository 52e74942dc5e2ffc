using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Runtime;

namespace Sync.Engine.Reads.Rooms;

/// <summary>Says what a room is to a caller with so much access. Any thread.</summary>
internal sealed class RoomInfos(RoomDirectory directory, IUserNames users)
{
    public RoomInfo Of(RoomRecord record, RoomAccess access)
    {
        var state = directory.Loaded(record.Row)?.Published;
        return new RoomInfo
        {
            Id = record.Id,
            Name = record.Name,
            CreatedAt = record.CreatedAt,
            Join = record.Join,
            Access = access.Level,
            Role = access.Level < AccessLevel.Read ? null : access.Role,
            Members = access.Level < AccessLevel.Write
                ? []
                : [.. record.Members.Where(m => !m.Value.Pending).Select(m => new RoomMember(users.UserById(m.Key)?.Name ?? "unknown", m.Value.Role)).OrderByDescending(m => m.Role).ThenBy(m => m.User, StringComparer.Ordinal)],
            Invited = access.Level < AccessLevel.Admin
                ? []
                : [.. record.Invited.Values.Select(i => new RoomMember(i.Name, i.Role)).OrderByDescending(i => i.Role).ThenBy(i => i.User, StringComparer.Ordinal)],
            Figures = state is null || access.Level < AccessLevel.Read
                ? null
                : new RoomFigures(state.Seq, state.Agents.Count, state.Scopes.Values.Where(s => !ReservedScopes.IsSection(s.Name)).Sum(s => s.Entries.Count), state.Actions.Count, state.Views.Count, state.Messages.Count),
        };
    }
}
