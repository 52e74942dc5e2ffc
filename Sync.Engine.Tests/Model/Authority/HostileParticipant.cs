using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>A room in which Alice keeps a secret in her own scope and Mallory, a participant too, tries to read it or to act with the rights of others.</summary>
public abstract class HostileParticipant : IAsyncLifetime
{
    /// <summary>A value that only Alice may read. It contains "sentinel".</summary>
    protected const string Secret = "hunter2-sentinel";

    protected static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>The engine, with the room "r".</summary>
    private protected EngineHost Host { get; private set; } = null!;

    protected Caller Alice { get; private set; } = null!;

    protected Caller Mallory { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await EngineHost.StartAsync();
        await Host.RoomAsync("r");
        Alice = await Host.JoinAsync("r", "alice", $$""","state":{"password":"{{Secret}}","private_key_name":1,"list":["{{Secret}}"],"map":{"inside":"{{Secret}}"},"n":1}""");
        Mallory = await Host.JoinAsync("r", "mallory");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Host.DisposeAsync();
    }

    /// <summary>All that a refusal tells its reader.</summary>
    protected static string Whole(SyncError error) => $"{error.Code} {error.Message} {error.HintFor(PlainSteps.Instance)} {error.Details?.ToJsonString()}";

    /// <summary>Everything that a reader is shown of the room.</summary>
    protected async Task<string> EverythingAsync(Caller reader)
    {
        var answers = new List<string>
        {
            (await Host.ContextAsync(reader, "r", "depth=usage&meta=true&include=_audit,activity&peek=true")).ToJsonString(),
            EngineHost.Node((await Host.Engine.Context.PollAsync(reader, "r", MessageSelection.All, 500, 500, Cancel)).Value).ToJsonString(),
            EngineHost.Node((await Host.Engine.History.AuditAsync(reader, "r", new AuditQuery(0, 1_000, null, null, null), Cancel)).Value).ToJsonString(),
        };
        using var watch = (await Host.Engine.Live.WatchAsync(reader, "r", Cancel)).Value;
        answers.Add(string.Join('\n', watch.Current.Entries) + string.Join('\n', watch.Current.Activity) + string.Join('\n', watch.Current.Views) + string.Join('\n', watch.Current.Actions));
        return string.Join('\n', answers);
    }
}
