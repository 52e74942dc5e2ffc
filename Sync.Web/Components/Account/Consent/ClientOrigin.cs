using System.Globalization;
using Sync.Engine.Identity.Grants;
using Sync.Web.OAuth;

namespace Sync.Web.Components.Account.Consent;

/// <summary>Where a program comes from, as far as this server knows: what it calls itself is its own claim, this is not.</summary>
/// <param name="Words">The origin in a few words.</param>
/// <param name="IsNew">Whether the program was unknown here until lately.</param>
public sealed record ClientOrigin(string Words, bool IsNew)
{
    private static readonly TimeSpan s_new = TimeSpan.FromDays(1);

    /// <summary>A program that gave no client id.</summary>
    public static ClientOrigin Unknown { get; } = new("unknown: it did not say which program it is", IsNew: true);

    /// <summary>A program whose registration has made room for others.</summary>
    public static ClientOrigin Gone { get; } = new("a registration that this server no longer has", IsNew: true);

    /// <summary>The origin of a client: the host of its document, which vouches for it, or when it registered itself.</summary>
    public static ClientOrigin Of(OAuthClient client, DateTimeOffset now) =>
        KnownClients.IsDocument(client.Id) ? OfDocument(client.Id)
        : new ClientOrigin(
            string.Create(CultureInfo.InvariantCulture, $"registered itself on this server on {client.CreatedAt.UtcDateTime:d MMMM yyyy}, {Ago(now - client.CreatedAt)}"),
            now - client.CreatedAt < s_new);

    /// <summary>The origin of a client whose document was not fetched.</summary>
    public static ClientOrigin OfDocument(string id) => Uri.TryCreate(id, UriKind.Absolute, out var address) ? new($"the site {address.IdnHost} vouches for it", IsNew: false) : Unknown;

    private static string Ago(TimeSpan age) => age switch
    {
        { TotalMinutes: < 2 } => "just now",
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} minutes ago"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} hours ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days ago"),
    };
}
