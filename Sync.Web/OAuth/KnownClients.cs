using Sync.Engine;

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

    private static SyncError Unknown { get; } = new(ErrorCode.InvalidParameter, "This client is not known here.")
    {
        Hint = "Register with POST /oauth/register, or use the address of a client metadata document as client_id.",
    };
}
