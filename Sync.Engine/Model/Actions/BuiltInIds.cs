using System.Collections.Immutable;

namespace Sync.Engine.Model.Actions;

/// <summary>The ids of the actions every room has: no definition takes their place.</summary>
internal static class BuiltInIds
{
    public const string RegisterAction = "_register_action";
    public const string DeleteAction = "_delete_action";
    public const string RegisterView = "_register_view";
    public const string DeleteView = "_delete_view";
    public const string SendMessage = "_send_message";
    public const string Help = "help";
    public const string Batch = "_batch";
    public const string Decide = "_decide";
    public const string Claim = "_claim";
    public const string Renew = "_renew";
    public const string Release = "_release";
    public const string HandOver = "_hand_over";
    public const string Pause = "_pause";
    public const string Resume = "_resume";
    public const string Revert = "_revert";
    public const string InstallPack = "_install_pack";
    public const string UninstallPack = "_uninstall_pack";

    private static readonly ImmutableSortedSet<string> s_all = ImmutableSortedSet.Create(StringComparer.Ordinal, RegisterAction, DeleteAction, RegisterView, DeleteView, SendMessage, Help, Batch, Decide, Claim, Renew, Release, HandOver, Pause, Resume, Revert, InstallPack, UninstallPack);

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyCollection<string> All => s_all;

    public static bool Contains(string id) => s_all.Contains(id);
}
