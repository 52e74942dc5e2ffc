namespace Sync.Web.Components.Dashboard.Packs;

/// <summary>A part of a pack: what kind it is and what it is called.</summary>
/// <param name="Heading">What its kind is headed by.</param>
/// <param name="Name">Its id; of an entry its scope and key.</param>
internal sealed record PackPartName(string Heading, string Name)
{
    /// <summary>Reads <c>actions.claim</c>, <c>views.queue</c>, <c>state._shared.limit</c>.</summary>
    public static PackPartName Of(string text) => text.Split('.', 2) switch
    {
        ["actions", var id] => new("Actions", id),
        ["views", var id] => new("Views", id),
        ["help", var key] => new("Help", key),
        ["roles", var key] => new("Roles", key),
        ["state", var entry] => new("State", entry),
        _ => new("Parts", text),
    };
}
