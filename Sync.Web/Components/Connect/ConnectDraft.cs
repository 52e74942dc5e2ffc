using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Connect;

/// <summary>What a person chooses before a token is made for a client. Belongs to one page.</summary>
internal sealed class ConnectDraft
{
    /// <summary>How long a token may hold, in days; 0 until it is revoked.</summary>
    public static ImmutableArray<int> Lifetimes { get; } = [1, 7, 30, 0];

    /// <summary>The client.</summary>
    public ConnectClient Client { get; set; } = ConnectClients.All[0];

    /// <summary>Whether it acts as an agent; else it reads.</summary>
    public bool Acts { get; set; } = true;

    /// <summary>Whom it acts as.</summary>
    public string Agent { get; set; } = "";

    /// <summary>Whether a person wrote the name: then another client does not change it.</summary>
    public bool IsNamed { get; set; }

    /// <summary>How long it holds, in days.</summary>
    public int Days { get; set; } = 30;

    /// <summary>The least that does: one agent of one room, or reading that room.</summary>
    public MintToken Request(string room) => new()
    {
        RoomId = room,
        AgentId = Acts ? Agent.Trim() : null,
        Scope = Acts ? null : Scope.TextOf(room, AccessLevel.Read, agent: null),
        Label = $"{Client.Title} in {room}",
        ExpiresIn = Days == 0 ? null : TimeSpan.FromDays(Days),
    };

    /// <summary>A lifetime in words.</summary>
    public static string Words(int days) => days switch
    {
        0 => "until you revoke it",
        1 => "1 day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{days} days"),
    };
}
