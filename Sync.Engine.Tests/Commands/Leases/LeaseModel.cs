using Sync.Engine.Model.Leases;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>What leases are, said once more and simply: every hold in one list, looked through from the beginning each time.</summary>
internal sealed class LeaseModel
{
    private readonly List<Hold> _holds = [];
    private readonly HashSet<(string Key, string Agent)> _lost = [];
    private readonly Dictionary<string, DateTimeOffset> _alive = [];

    public DateTimeOffset Now { get; private set; }

    public IReadOnlyList<Hold> Holds => _holds;

    public void Begin(DateTimeOffset now) => Now = now;

    /// <summary>The agent has called.</summary>
    public void Touch(string agent) => _alive[agent] = Now;

    public void Advance(TimeSpan by)
    {
        Now += by;
        foreach (var over in _holds.Where(hold => EndOf(hold) <= Now).ToList())
        {
            _holds.Remove(over);
            _lost.Add((over.Key, over.Agent));
        }
    }

    public Hold? Find(string key, string agent) => _holds.Find(hold => hold.Key == key && hold.Agent == agent);

    public IEnumerable<Hold> Of(string agent) => _holds.Where(hold => hold.Agent == agent);

    /// <summary>Who keeps an agent from a claim.</summary>
    public bool IsHeld(string key, string agent, bool isShared, PathPattern[] paths) => _holds.Exists(hold =>
        hold.Agent != agent && !(isShared && hold.IsShared) && (hold.Key == key || hold.Paths.Any(path => paths.Any(path.Overlaps))));

    public void Claim(string key, string agent, bool isShared, TimeSpan? ttl, PathPattern[]? paths, long seq)
    {
        var own = Find(key, agent);
        _holds.RemoveAll(hold => hold == own);
        _holds.Add(new Hold(key, agent, own?.Fence ?? seq, isShared, ttl ?? own?.Ttl, paths ?? own?.Paths ?? [], Now));
    }

    public void Renew(Hold hold) => _holds[_holds.IndexOf(hold)] = hold with { Began = Now };

    public void End(Hold hold, bool isLost)
    {
        _holds.Remove(hold);
        if (isLost)
        {
            _lost.Add((hold.Key, hold.Agent));
        }
    }

    /// <summary>With what a call that needs a hold is refused, or null.</summary>
    public string? Refused(string key, string agent, long? fence) => Find(key, agent) is not { } hold ? (fence is null ? "lease_required" : "lease_lost")
        : fence is { } given ? (given == hold.Fence ? null : "lease_lost")
        : _lost.Contains((key, agent)) ? "lease_lost"
        : null;

    private DateTimeOffset EndOf(Hold hold)
    {
        if (hold.Ttl is { } ttl)
        {
            return hold.Began + ttl;
        }

        var alive = _alive.TryGetValue(hold.Agent, out var sign) && sign > hold.Began ? sign : hold.Began;
        var (silent, day) = (alive + TimeSpan.FromMinutes(15), hold.Began + TimeSpan.FromHours(24));
        return silent < day ? silent : day;
    }

    public sealed record Hold(string Key, string Agent, long Fence, bool IsShared, TimeSpan? Ttl, PathPattern[] Paths, DateTimeOffset Began);
}
