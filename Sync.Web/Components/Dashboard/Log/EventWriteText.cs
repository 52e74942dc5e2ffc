using Sync.Engine.Reads.History;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>Words for the writes of an event.</summary>
internal static class EventWriteText
{
    /// <summary>What a write did, in a word.</summary>
    public static string Word(EventWrite write) =>
        write.IsDeletion ? "deleted"
        : write.IsCooldown ? "cooled down"
        : write.After is null ? "timer set"
        : write.Before is null ? "created"
        : write.Before == write.After ? "written again"
        : "changed";
}
