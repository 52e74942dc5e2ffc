namespace Sync.E2E.Crash;

/// <summary>One invocation that a client wants to happen once, however often it has to ask.</summary>
/// <param name="Id">Unique; its idempotency key, and found again in the log as the parameter <paramref name="Field"/>.</param>
/// <param name="Action">The action.</param>
/// <param name="Field">The parameter that carries the id.</param>
/// <param name="Agent">Who acts.</param>
/// <param name="Slot">What it competes for, or null.</param>
internal sealed record CrashRequest(string Id, string Action, string Field, string Agent, string? Slot)
{
    /// <summary>The first answer; null until one has come.</summary>
    public CrashAnswer? Answer { get; set; }

    public object Body => Slot is null
        ? new { agent = Agent, @params = new Dictionary<string, string> { [Field] = Id } }
        : new { agent = Agent, @params = new Dictionary<string, string> { [Field] = Id, ["slot"] = Slot } };
}

/// <summary>What the server answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">The body.</param>
/// <param name="Replayed">Whether it said that this is an earlier answer.</param>
/// <param name="Seq">The event it names, or 0.</param>
internal sealed record CrashAnswer(int Status, string Text, bool Replayed, long Seq)
{
    public bool Accepted => Status == 200;
}
