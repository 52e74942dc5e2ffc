using System.Collections.Immutable;

namespace Sync.Engine.Reads.Context;

/// <summary>Names that a reader may use in a room.</summary>
/// <param name="Actions">The actions, built-in ones too.</param>
/// <param name="Roles">The roles that agents have.</param>
public sealed record RoomNames(ImmutableArray<string> Actions, ImmutableArray<string> Roles);
