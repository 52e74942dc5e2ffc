using Sync.Engine.Model.Leases;

namespace Sync.Engine.Commands.Leases;

/// <summary>A hold that a command has ended before its work was done.</summary>
internal readonly record struct EndedLease(string Key, LeaseHold Hold, LeaseEndReason Reason);
