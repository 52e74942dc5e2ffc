using Sync.Engine.Identity.Grants;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Engine.Services.Grants;

namespace Sync.Web.OAuth;

/// <summary>Who a client id stands for: a client that registered itself, or the document at an address.</summary>
internal sealed class KnownClients(SyncEngine engine, ClientDocuments documents)
{
    private const int MaxLength = 2000;

    /// <summary>Whether finding out takes a request to another server.</summary>
    public static bool IsDocument(string id) => id.Contains("://", StringComparison.Ordinal);

    /// <summary>The client; <c>invalid_parameter</c> with what is wrong when there is none.</summary>
    public async Task<Outcome<OAuthClient>> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Length > MaxLength)
        {
            return Unknown;
        }

        if (IsDocument(id))
        {
            return await documents.FindAsync(id, cancellationToken);
        }

        return await engine.Clients.FindAsync(id, cancellationToken) is { } client ? client : Unknown;
    }

    /// <summary>
    /// The client that somebody unknown claims to be. No document is fetched for them: nobody may send this server to an address without having signed in, so the person who approves is shown
    /// the document's host and nothing that it says of itself.
    /// </summary>
    public async Task<Outcome<GrantClient>> ClaimedAsync(string id, CancellationToken cancellationToken)
    {
        if (id.Length <= MaxLength && IsDocument(id))
        {
            return Uri.TryCreate(id, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.HostNameType == UriHostNameType.Dns && address.UserInfo.Length == 0
                ? new GrantClient(id, address.Host)
                : Unknown;
        }

        return (await FindAsync(id, cancellationToken)).Try(out var known, out var unknown) ? new GrantClient(known.Id, known.Name) : unknown;
    }

    /// <summary>The answer to a client whose registration is gone.</summary>
    public const string Gone = "This client is not registered here, or no longer. Register again with POST /oauth/register.";

    /// <summary>The same for the person who stands before a page: the application cannot be told, since its address is as unknown as itself.</summary>
    public const string GoneForPeople =
        "This application is not registered here, or no longer. Go back to it, remove its connection to this server (or sign out of it there) and connect anew: it then registers again.";

    /// <summary>
    /// Whether a client id stands for nobody: it never registered here, or was unused for so long that it made room. A document is not fetched to find out: what its client
    /// presents belongs to that address or is refused.
    /// </summary>
    public async Task<bool> IsGoneAsync(string? id, CancellationToken cancellationToken) =>
        id is { Length: > 0 } && (id.Length > MaxLength || (!IsDocument(id) && await engine.Clients.FindAsync(id, cancellationToken) is null));

    private static SyncError Unknown { get; } = new(ErrorCode.InvalidParameter, "This client is not known here.")
    {
        Hint = "Register with POST /oauth/register, or use the address of a client metadata document as client_id.",
    };
}
