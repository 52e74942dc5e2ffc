namespace Sync.Web.Mcp.Sessions;

/// <summary>A request that is being answered.</summary>
internal sealed class OpenRequest : IDisposable
{
    private readonly OpenRequests _all;
    private readonly HttpContext _http;
    private readonly CancellationToken _hungUp;
    private readonly CancellationTokenSource _ended;

    public OpenRequest(OpenRequests all, string? id, HttpContext http)
    {
        (_all, Id, _http, _hungUp) = (all, id, http, http.RequestAborted);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(_hungUp);
        http.RequestAborted = _ended.Token;
    }

    /// <summary>Its id, or null.</summary>
    public string? Id { get; }

    /// <summary>Ends the answer.</summary>
    public void Cancel()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has been answered meanwhile.
        }
    }

    public void Dispose()
    {
        _all.End(this);
        _http.RequestAborted = _hungUp;
        _ended.Dispose();
    }
}
