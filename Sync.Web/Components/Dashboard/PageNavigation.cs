namespace Sync.Web.Components.Dashboard;

/// <summary>
/// Where the reader of a room's page is, shared by its panels: a panel that opens something says so here, and the page writes it into the address. What was opened is a step that Back
/// takes back; a filter being typed and time being played change the present step. On the page's dispatcher only.
/// </summary>
/// <param name="location">Where the page begins.</param>
/// <param name="moved">Told of each change, and whether it is a step of its own.</param>
public sealed class PageNavigation(PageLocation location, Action<PageLocation, bool> moved)
{
    /// <summary>Where the reader is.</summary>
    public PageLocation Location { get; private set; } = location;

    /// <summary>Goes elsewhere: a step of its own, unless <paramref name="isStep"/> says that it only changes the present one.</summary>
    public void Go(PageLocation location, bool isStep = true)
    {
        if (location != Location)
        {
            Location = location;
            moved(location, isStep);
        }
    }

    /// <summary>Is taken elsewhere by the address itself, which says so already.</summary>
    public void Follow(PageLocation location) => Location = location;

    /// <summary>Opens a panel to full, or with null the overview. What is open in another panel stays there.</summary>
    public void OpenPanel(string? panel) => Go(Location with { Panel = panel });

    /// <summary>Opens an event in the log, or with null closes the open one.</summary>
    public void OpenEvent(long? seq) => Go(Location with { Event = seq, Panel = Beside(seq is null, "log") });

    /// <summary>Opens an entry in the state, or with null closes the open one.</summary>
    public void OpenKey(string? scope, string? key) => Go(Location with { Key = scope is null ? null : $"{scope}/{key}", Panel = Beside(scope is null, "state") });

    /// <summary>Opens an agent's page, or with null the list of agents.</summary>
    public void OpenAgent(string? agent) => Go(Location with { Agent = agent, Panel = "agents" });

    /// <summary>Opens an action in its panel, or with null closes the open one.</summary>
    public void OpenAction(string? action) => Go(Location with { Action = action, Panel = Beside(action is null, "actions") });

    /// <summary>Opens a view in its panel, or with null closes the open one.</summary>
    public void OpenView(string? view) => Go(Location with { View = view, Panel = Beside(view is null, "views") });

    /// <summary>Goes to a message.</summary>
    public void OpenMessage(long? message) => Go(Location with { Message = message, Panel = Beside(message is null, "messages") });

    /// <summary>Sets a filter, or with null or an empty text puts it back to its default.</summary>
    /// <param name="name"><c>panel.name</c>.</param>
    /// <param name="value">Its text.</param>
    public void SetFilter(string name, string? value) => Go(Location.WithFilter(name, value), isStep: false);

    // The overview shows all panels, so that nothing has to be left for what is opened in it.
    private string? Beside(bool isClosed, string panel) => isClosed || Location.Panel is null ? Location.Panel : panel;
}
