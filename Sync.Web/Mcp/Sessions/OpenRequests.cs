namespace Sync.Web.Mcp.Sessions;

/// <summary>
/// The requests of a session that are being answered, so that one can be ended when its client cancels it. The SDK tells the handler, sends no answer, as the protocol wants it, and leaves the
/// response open for ever (docs/decisions/0030). Thread-safe.
/// </summary>
internal sealed class OpenRequests
{
    private readonly Lock _lock = new();
    private readonly List<OpenRequest> _open = [];

    /// <summary>Whether there is one.</summary>
    public bool Any
    {
        get
        {
            lock (_lock)
            {
                return _open.Count > 0;
            }
        }
    }

    /// <summary>Enters a request, whose end of the connection from now on also comes when it is cancelled. Dispose the result when it is answered.</summary>
    /// <param name="id">The id of the request; null for a message that is none.</param>
    /// <param name="http">The request.</param>
    public OpenRequest Begin(string? id, HttpContext http)
    {
        var request = new OpenRequest(this, id, http);
        lock (_lock)
        {
            _open.Add(request);
        }

        return request;
    }

    /// <summary>Ends the answer to a request; nothing when there is none of this id.</summary>
    public void Cancel(string id)
    {
        List<OpenRequest> cancelled;
        lock (_lock)
        {
            cancelled = _open.FindAll(request => request.Id == id);
        }

        cancelled.ForEach(static request => request.Cancel());
    }

    internal void End(OpenRequest request)
    {
        lock (_lock)
        {
            _open.Remove(request);
        }
    }
}
