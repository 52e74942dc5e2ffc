using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Rooms;
using Sync.Web.Http.Answers;

namespace Sync.Web.Http.Requests;

/// <summary>Whom a room's owner invites: each <c>"bob"</c>, <c>"bob:observer"</c> or <c>{"user", "role"}</c>, the schema naming one of the forms.</summary>
internal static class InviteList
{
    private const string Example = """["bob", "eve:observer"]""";

    /// <summary>Reads the list; none where the value is absent. One alone need not stand in a list.</summary>
    public static Outcome<ImmutableArray<RoomInvite>> Read(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return ImmutableArray<RoomInvite>.Empty;
        }

        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value];
        var invites = ImmutableArray.CreateBuilder<RoomInvite>(items.Count);
        foreach (var item in items)
        {
            if (!ReadOne(item).Try(out var invite, out var error))
            {
                return error;
            }

            invites.Add(invite);
        }

        return invites.DrainToImmutable();
    }

    private static Outcome<RoomInvite> ReadOne(JsonElement item)
    {
        string? user = null;
        string? role = null;
        if (item.ValueKind == JsonValueKind.String)
        {
            // No user name holds a colon.
            var parts = (item.GetString() ?? "").Split(':', 2, StringSplitOptions.TrimEntries);
            (user, role) = (parts[0], parts.ElementAtOrDefault(1));
        }
        else if (item.ValueKind == JsonValueKind.Object)
        {
            if (!(item.TryGetProperty("user", out _) ? Refusals.Text(item, "user") : Refusals.Text(item, "username")).Try(out user, out var error) || !Refusals.Text(item, "role").Try(out role, out error))
            {
                return error;
            }
        }

        if (string.IsNullOrEmpty(user))
        {
            return Refusals.Parameter("invite", "'invite' names users.") with { Hint = $"Send {Example}." };
        }

        return WireText.Role(string.IsNullOrEmpty(role) ? WireText.Of(Role.Participant) : role) is { } given
            ? new RoomInvite(user, given)
            : Refusals.Parameter("invite", "A role in 'invite' must be owner, collaborator, participant or observer.") with { Hint = $"Send {Example}." };
    }
}
