using System.Collections.Immutable;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>
/// What the page of this circuit can do besides going somewhere. Parts of a page offer their commands here while they are shown; the palette lists them. One per circuit, used on its
/// dispatcher only.
/// </summary>
public sealed class PageCommands
{
    private ImmutableArray<Offer> _offers = [];

    /// <summary>All that are offered now, in the order in which their parts came onto the page.</summary>
    public IEnumerable<PageCommand> All => _offers.SelectMany(static offer => offer.Commands());

    /// <summary>Offers commands until disposed. They are asked for whenever the palette opens, so that they follow what the page shows.</summary>
    public IDisposable Add(Func<IEnumerable<PageCommand>> commands)
    {
        var offer = new Offer(this, commands);
        _offers = _offers.Add(offer);
        return offer;
    }

    private sealed class Offer(PageCommands owner, Func<IEnumerable<PageCommand>> commands) : IDisposable
    {
        public Func<IEnumerable<PageCommand>> Commands => commands;

        public void Dispose() => owner._offers = owner._offers.Remove(this);
    }
}
