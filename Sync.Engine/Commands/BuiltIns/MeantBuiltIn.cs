using System.Collections.Frozen;
using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Finds the engine's own action that is meant by what other systems call the same: locks, heartbeats, approvals, stops.</summary>
internal static class MeantBuiltIn
{
    // Words of a name joined by blanks, in small letters; each with the parameters that the advice shows.
    private static readonly FrozenDictionary<string, (string Id, string Params)> s_meant = new (string Id, string Params, string Names)[]
    {
        (BuiltInIds.Claim, """{"key": "NAME"}""",
            "lock,acquire,lease,reserve,take,checkout,check out,hold,grab,take lease,claim lease,acquire lease,get lease,acquire lock,take lock,get lock,lock file,lock files,lock path,lock resource,lock task,claim file,claim files,claim path,claim paths,reserve file,reserve files,reserve path,reserve paths,acquire task,lock key,mutex"),
        (BuiltInIds.Renew, "{}", "heartbeat,keepalive,keep alive,renew lease,extend,extend lease,refresh lease,refresh lock,extend lock,renew lock,ping lease,touch lease"),
        (BuiltInIds.Release, """{"key": "NAME"}""", "unlock,release lease,release lock,release key,free,free lease,checkin,check in,give back,unclaim,unreserve,release file,release files,release paths,unlock file,unlock files,drop lease,end lease"),
        (BuiltInIds.HandOver, """{"to": "AGENT", "keys": ["NAME"]}""", "handoff,hand off,handover,transfer,transfer lease,transfer lock,pass,pass on,delegate,give,reassign"),
        (BuiltInIds.Pause, """{"what": "room", "reason": "WHY"}""", "stop,halt,freeze,suspend,emergency stop,kill,kill switch,stop all,pause room,pause all,pause agent,pause action,freeze room,stop agent,stop room,halt all,halt agent,abort,hold all"),
        (BuiltInIds.Resume, """{"what": "room"}""", "unpause,unfreeze,continue,restart,resume room,resume agent,resume action,unsuspend,unhalt,start,unstop,proceed"),
        (BuiltInIds.Decide, """{"approval": "ID", "decision": "accept"}""",
            "approve,accept,confirm,deny,reject,decline,decide,approval,approve request,approve action,reject request,accept request,deny request,confirm action,allow,veto,resolve approval,decide approval,review approval,answer approval"),
        (BuiltInIds.Revert, """{"seq": 57}""", "undo,rollback,roll back,revert,undo last,revert event,undo event,revert change,revert to,rewind"),
        (BuiltInIds.InstallPack, """{"pack": "task_queue"}""", "install,use template,apply template,install template,use pack,add pack,import pack,apply pack,load pack,template,load template"),
        (BuiltInIds.UninstallPack, """{"pack": "NAME"}""", "uninstall,remove pack,delete pack,drop pack"),
    }.SelectMany(static meaning => meaning.Names.Split(',').Select(name => (name, meaning.Id, meaning.Params))).ToFrozenDictionary(static entry => entry.name, static entry => (entry.Id, entry.Params), StringComparer.Ordinal);

    /// <summary>The call that is meant, with parameters that show their form, and the help key that explains it; null where nothing is known of the name.</summary>
    public static (string Id, NextStep Step, string Help)? Find(RoomState state, string action)
    {
        if (!s_meant.TryGetValue(string.Join(' ', Synonyms.WordsOf(action)), out var meant) || BuiltIn.Find(meant.Id) is null)
        {
            return null;
        }

        // Of an approval that waits the name is known.
        var shown = meant.Id == BuiltInIds.Decide && state.Approvals.Pending.LastOrDefault() is { } pending ? meant.Params.Replace("ID", pending.Id, StringComparison.Ordinal) : meant.Params;
        return (meant.Id, NextStep.Invoke(meant.Id, JsonElement.Parse(shown)), HelpOf(meant.Id));
    }

    private static string HelpOf(string builtIn) => builtIn switch
    {
        BuiltInIds.Claim or BuiltInIds.Renew or BuiltInIds.Release or BuiltInIds.HandOver => "leases",
        BuiltInIds.InstallPack or BuiltInIds.UninstallPack => "packs",
        _ => "gates",
    };
}
