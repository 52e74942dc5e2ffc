namespace Sync.Engine.Model.Leases;

/// <summary>One pattern, and who reserves it.</summary>
internal readonly record struct PathReservation<T>(T Owner, PathPattern Pattern)
    where T : notnull, IEquatable<T>;
