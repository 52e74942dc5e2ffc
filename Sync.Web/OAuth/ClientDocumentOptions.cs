namespace Sync.Web.OAuth;

/// <summary>How client metadata documents are fetched. No setting changes it: it is for tests, which have no public server with TLS.</summary>
/// <param name="AllowLoopback">Whether documents may come from this machine, by http.</param>
internal sealed record ClientDocumentOptions(bool AllowLoopback);
