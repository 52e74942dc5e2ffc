using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Packs;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Rooms;

/// <summary>A room's first event: with a template the pack is part of it, and a fork's is all that was copied. Pure.</summary>
internal static class RoomCreation
{
    /// <summary>Key in <c>_config</c> that marks a room the server made for itself: nobody can claim it.</summary>
    public const string SystemMark = "system_room";

    public static Decision Decide(CreateRoomCommand command, Moment moment, RoomLimits limits, CelBudget budget)
    {
        var parameters = new JsonObject { ["name"] = command.Name, ["join"] = command.Join.Word() };
        if (command.Copy is { } copy)
        {
            // Not of which room: whoever knows the id of an open one may join it.
            parameters["forked_at"] = copy.At;
        }

        var made = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.RoomCreated,
            Params = JsonText.Of(parameters),
            Changes = [.. Marks(command), .. (command.Copy?.Entries ?? []).Select(static entry => Put(entry))],
        };
        if (command.Template is not { } template)
        {
            return Decision.Commit(made, moment.State.Apply(made), JsonText.Null);
        }

        if (!PackParser.Parse(template.ToElement(), limits).Try(out var pack, out var error))
        {
            return Decision.Refuse(error);
        }

        parameters["template"] = new JsonObject { ["name"] = pack.Name, ["version"] = pack.Version };
        made = made with { Params = JsonText.Of(parameters) };
        var input = new InvocationInput(moment with { State = moment.State.Apply(made) }, ActorOf(command.Creator, made), BuiltInIds.InstallPack, default, limits, budget) { EventSeq = made.Seq };
        if (!PackInstallation.Install(input, pack, ImmutableHashSet<string>.Empty).Try(out var done, out error))
        {
            return Decision.Refuse(error);
        }

        var e = CombinedEvent.Of(made, [made, .. done.Steps.Events]);
        return Decision.Commit(e, done.After, JsonText.Null);
    }

    // The one who makes the room owns it.
    private static Actor ActorOf(RoomCreator? creator, RoomEvent made) => new()
    {
        Agent = creator?.Agent,
        Creates = creator is null ? null : new AgentRecord
        {
            Id = creator.Agent,
            Name = creator.Name,
            Role = AgentRole.Default,
            User = creator.User,
            JoinedAt = made.At,
            JoinedSeq = made.Seq,
        },
        Level = AccessLevel.Admin,
        Role = creator is null ? null : Role.Owner,
        User = creator?.User,
        Principal = creator?.User ?? "",
    };

    private static IEnumerable<EntryChange> Marks(CreateRoomCommand command) =>
        command.IsSystem ? [Put(new CopiedEntry(ReservedScopes.Config, SystemMark, JsonText.Trusted("true"u8.ToArray())))] : [];

    private static EntryChange Put(CopiedEntry entry) => new()
    {
        Kind = ChangeKind.Put,
        Scope = entry.Scope,
        Key = entry.Key,
        Value = entry.Value,
        Revision = 1,
        Timer = entry.Timer,
        Enabled = entry.Enabled,
    };
}
