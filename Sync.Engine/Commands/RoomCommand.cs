using System.Collections.Immutable;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Commands.Causality;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Commands.Rooms;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands;

/// <summary>
/// Something that is to change a room, on its way to the room's writer. Data alone: ids, levels, values, JSON; no token, session, room or compiled expression, so that it can be sent to where
/// the writer is. One record per kind of command; what each does says <c>CommandDecider</c>.
/// </summary>
internal abstract record RoomCommand
{
    /// <summary>Whose it is, for the order of the queue.</summary>
    public WorkSource Source { get; init; } = WorkSource.Engine;
}

/// <summary>A command of somebody, whose rights are asked when it is decided.</summary>
internal abstract record CallerCommand : RoomCommand
{
    public required CallerIdentity Caller { get; init; }
}

/// <summary>Invoke an action.</summary>
internal sealed record InvokeCommand : CallerCommand
{
    public required string Action { get; init; }

    public required InvokeRequest Request { get; init; }

    /// <summary>Whether the parameters are JSON that no value may be: found before the command stands in line, since large ones take a while to look at.</summary>
    public bool IsMalformed { get; init; }

    /// <summary>What the log says of what is to be reverted; null of everything else.</summary>
    public RevertPlan? Revert { get; init; }

    /// <summary>Its place among all that stand in line in the room, where it stands in line and is decided anew; 0 for a newcomer.</summary>
    public long Arrival { get; init; }

    /// <summary>Whether it has stood in line as long as it would: now its refusal is its answer.</summary>
    public bool HasWaited { get; init; }

    /// <summary>The event that ended the wait which came before; null where none did.</summary>
    public long? Wake { get; init; }

    /// <summary>Messages that the call names and that are not in the room's memory any more.</summary>
    public ImmutableArray<OldMessage> OldMessages { get; init; } = [];
}

/// <summary>Join, or join again.</summary>
internal sealed record JoinCommand : CallerCommand
{
    public required JoinRequest Request { get; init; }

    /// <summary>Whose join it is: a user's id, or null for nobody's.</summary>
    public string? User { get; init; }
}

/// <summary>Find or make the agent that a client session is to act as.</summary>
internal sealed record EmbodyCommand : CallerCommand
{
    public required JoinRequest Request { get; init; }

    /// <summary>Whether any free agent of the role will do.</summary>
    public bool FillsRole { get; init; }

    /// <summary>Whether the id was asked for; otherwise it is a proposal.</summary>
    public bool IsNamed { get; init; }

    /// <summary>Whether an agent that another session embodies is taken over.</summary>
    public bool TakesOver { get; init; }
}

/// <summary>Change an agent.</summary>
internal sealed record UpdateAgentCommand : CallerCommand
{
    public required string Agent { get; init; }

    public required AgentPatch Patch { get; init; }
}

/// <summary>Remove an agent.</summary>
internal sealed record RemoveAgentCommand : CallerCommand
{
    public required string Agent { get; init; }

    /// <summary>Whether anybody may have the id afterwards.</summary>
    public bool Free { get; init; }
}

/// <summary>What follows when no session embodies an agent any more: one that an embodiment made and that never acted is removed, any other fills no role.</summary>
internal sealed record ReleaseAgentCommand : RoomCommand
{
    public required AgentBinding Agent { get; init; }
}

/// <summary>Write a new room's first event.</summary>
internal sealed record CreateRoomCommand : RoomCommand
{
    public string? Name { get; init; }

    public required JoinPolicy Join { get; init; }

    /// <summary>Whether the server made the room for itself, so that nobody can claim it.</summary>
    public bool IsSystem { get; init; }

    /// <summary>The user whose room it is; null for none.</summary>
    public RoomCreator? Creator { get; init; }

    /// <summary>The pack that it begins with, or null.</summary>
    public JsonText? Template { get; init; }

    /// <summary>What it takes over from another room, or null.</summary>
    public RoomCopy? Copy { get; init; }
}

/// <summary>Note that name or join policy have changed.</summary>
internal sealed record UpdateRoomCommand : RoomCommand
{
    public string? Name { get; init; }

    public required JoinPolicy Join { get; init; }
}

/// <summary>Change nothing: it is answered when everything before it is decided.</summary>
internal sealed record DrainCommand : RoomCommand;
