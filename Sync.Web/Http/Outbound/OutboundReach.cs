namespace Sync.Web.Http.Outbound;

/// <summary>How far the server reaches when it connects to an address that others name.</summary>
internal enum OutboundReach
{
    /// <summary>The public internet.</summary>
    Public,
    /// <summary>The public internet and this machine.</summary>
    Loopback,
    /// <summary>The public internet, this machine and private networks. Never what is for the machine's own network alone, where clouds keep their secrets.</summary>
    Private,
}
