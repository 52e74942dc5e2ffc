using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Finds reads of leases that can hardly be meant. Anybody may claim any key, and one that nobody holds is free: only a key of a kind that the room does not know is doubted, where it knows one that is spelt
/// alike. A kind is what stands before the last colon, such as <c>task:</c>; what follows is data.
/// </summary>
internal static class LeaseCheck
{
    public static UnknownPath? Check(RoomState state, string key, string? field)
    {
        if (field is not null && !LeaseFigures.Names.Contains(field))
        {
            var place = $"leases{MemberText.Of(key)}";
            var meant = NearestName.Of(field, LeaseFigures.Names);
            return new UnknownPath(place + MemberText.Of(field), $"A lease has no '{Identifiers.Shown(field)}'.", meant is null ? null : place + MemberText.Of(meant))
            {
                Otherwise = $"It has {string.Join(", ", LeaseFigures.Names)}; `{place} == null` says that nobody holds it.",
            };
        }

        var kind = KindOf(key);
        var kinds = state.Leases.All.Keys.Select(KindOf).Distinct(StringComparer.Ordinal).ToList();
        return kinds.Contains(kind) || DidYouMean.Nearest(kind, kinds) is not { } near ? null : new UnknownPath(
            $"leases{MemberText.Of(key)}",
            $"Nobody holds '{Identifiers.Shown(key)}', and no lease here has a key of that kind.",
            $"leases{MemberText.Of(near + key[kind.Length..])}");
    }

    private static string KindOf(string key) => key[..(key.LastIndexOf(':') + 1)] is { Length: > 0 } kind ? kind : key;
}
