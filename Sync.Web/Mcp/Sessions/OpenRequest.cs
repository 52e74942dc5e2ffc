namespace Sync.Web.Mcp.Sessions;

/// <summary>A request that is being answered.</summary>
internal sealed class OpenRequest : IDisposable
{
    private readonly OpenRequests _all;
    private readonly HttpContext _http;
    private readonly CancellationToken _hungUp;
    private readonly CancellationTokenSource _ended;
    private int _cancelled;

    public OpenRequest(OpenRequests all, string? id, HttpContext http)
    {
        (_all, Id, _http, _hungUp) = (all, id, http, http.RequestAborted);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(_hungUp);
        http.RequestAborted = _ended.Token;
    }

    /// <summary>Its id, or null.</summary>
    public string? Id { get; }

    /// <summary>Whether its client has cancelled it, and is there to see its answer end.</summary>
    public bool IsCancelled => Volatile.Read(ref _cancelled) != 0 && !_hungUp.IsCancellationRequested;

    /// <summary>Ends the answer.</summary>
    public void Cancel()
    {
        Volatile.Write(ref _cancelled, 1);
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
