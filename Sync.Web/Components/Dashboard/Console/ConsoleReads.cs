using System.Collections.Immutable;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Console;

/// <summary>Whether what an expression reads is another in one model than in another. It may say so once too often, never once too rarely, but for the clock, which it leaves out.</summary>
internal static class ConsoleReads
{
    public static bool Changed(RoomPageModel before, RoomPageModel now, ImmutableArray<ExpressionRead> reads) =>
        before.IsPast != now.IsPast || (now.IsPast && before.Seq != now.Seq) || (!reads.IsDefault && reads.Any(read => Changed(before, now, read)));

    /// <summary>A place as it is written.</summary>
    public static string Word(ExpressionRead read) => read switch
    {
        { Root: "state", Scope: null } => "state",
        { Root: "state", Scope: { } scope, Key: null } => ConsoleNames.Path("state", scope),
        { Root: "state", Scope: { } scope, Key: { } key } => ConsoleNames.Path(ConsoleNames.Path("state", scope), key),
        { Key: { } key } => ConsoleNames.Path(read.Root, key),
        _ => read.Root,
    };

    private static bool Changed(RoomPageModel before, RoomPageModel now, ExpressionRead read) => read.Root switch
    {
        "state" when read is { Scope: { } scope, Key: { } key } && !IsSection(scope) => before.Entries != now.Entries && !Equals(Find(before, scope, key), Find(now, scope, key)),
        "state" => before.Seq != now.Seq,
        "views" => before.Views != now.Views,
        "agents" => before.Agents != now.Agents,
        "actions" => before.Actions != now.Actions,
        "messages" => before.MessageCount != now.MessageCount,
        "leases" => before.Leases != now.Leases || before.Seq != now.Seq, // Not all of them are in a model.
        "approvals" => before.Seq != now.Seq,
        _ => false,
    };

    // What the engine keeps itself has no entries in a model.
    private static bool IsSection(string scope) => scope is "_messages" or "_audit" or "_agents" or "_actions" or "_views" or "_help" or "_leases" or "_approvals" or "_packs" or "_pauses";

    private static EntryModel? Find(RoomPageModel model, string scope, string key)
    {
        var name = scope == "self" ? model.Self : scope;
        return model.Entries.FirstOrDefault(entry => entry.Key == key && entry.Scope == name);
    }
}
