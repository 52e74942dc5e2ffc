namespace Sync.Web.Components.Dashboard.Members;

/// <summary>
/// What a control shows between a choice and the room's word on it: the choice at once, and again what holds when it was refused. It is forgotten as soon as the room itself changes.
/// A control that was never rendered with the choice would keep it after a refusal, since the page believes that it still shows what it drew last.
/// </summary>
/// <typeparam name="T">What is chosen.</typeparam>
internal sealed class Pending<T>
    where T : struct
{
    private (T Asked, T Before)? _choice;

    /// <summary>What to show.</summary>
    public T Shown(T actual) => _choice is { } choice && EqualityComparer<T>.Default.Equals(choice.Before, actual) ? choice.Asked : actual;

    /// <summary>Notes a choice that is being asked for.</summary>
    public void Ask(T asked, T actual) => _choice = (asked, actual);

    /// <summary>Shows what holds: the choice was refused.</summary>
    public void Refuse() => _choice = null;
}
