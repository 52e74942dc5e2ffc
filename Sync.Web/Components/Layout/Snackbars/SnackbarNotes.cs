using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Sync.Web.Components.Layout.Snackbars;

/// <summary>
/// MudBlazor's snackbars without its element, which writes a style element with every note: the Content-Security-Policy refuses those, as it should. The library's service keeps what is shown (keys,
/// duplicates, how many at once); what each note asked for is kept beside it, since only the library's element may read it there. One per circuit, on its dispatcher only.
/// </summary>
internal sealed class SnackbarNotes(SnackbarService service) : ISnackbar
{
    private readonly ConditionalWeakTable<Snackbar, SnackbarNote> _notes = [];

    /// <inheritdoc/>
    public event Action? OnSnackbarsUpdated
    {
        add => service.OnSnackbarsUpdated += value;
        remove => service.OnSnackbarsUpdated -= value;
    }

    /// <inheritdoc/>
    public IEnumerable<Snackbar> ShownSnackbars => service.ShownSnackbars;

    /// <inheritdoc/>
    public SnackbarConfiguration Configuration => service.Configuration;

    /// <summary>What is to be drawn, oldest first.</summary>
    public ImmutableArray<SnackbarNote> Shown => [.. service.ShownSnackbars.Select(bar => _notes.TryGetValue(bar, out var note) ? note : null).OfType<SnackbarNote>()];

    /// <inheritdoc/>
    public Snackbar? Add(string message, Severity severity = Severity.Normal, Action<SnackbarOptions>? configure = null, string? key = null) =>
        Keep(taken => service.Add(message, severity, taken, key), configure, builder => builder.AddContent(0, message));

    /// <inheritdoc/>
    public Snackbar? Add(MarkupString message, Severity severity = Severity.Normal, Action<SnackbarOptions>? configure = null, string? key = null) =>
        Keep(taken => service.Add(message, severity, taken, key), configure, builder => builder.AddContent(0, message));

    /// <inheritdoc/>
    public Snackbar? Add(RenderFragment message, Severity severity = Severity.Normal, Action<SnackbarOptions>? configure = null, string? key = null) =>
        Keep(taken => service.Add(message, severity, taken, key), configure, message);

    /// <inheritdoc/>
    public Snackbar? Add<T>(Dictionary<string, object>? componentParameters = null, Severity severity = Severity.Normal, Action<SnackbarOptions>? configure = null, string? key = null)
        where T : IComponent
    {
        void Draw(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            builder.OpenComponent<T>(0);
            builder.AddMultipleAttributes(1, componentParameters);
            builder.CloseComponent();
        }

        return Keep(taken => service.Add(Draw, severity, taken, key), configure, Draw);
    }

    /// <inheritdoc/>
    public void Clear() => service.Clear();

    /// <inheritdoc/>
    public void Remove(Snackbar snackbar) => service.Remove(snackbar);

    /// <inheritdoc/>
    public void RemoveByKey(string key) => service.RemoveByKey(key);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The service is the scope's, which disposes it.
    }

    private Snackbar? Keep(Func<Action<SnackbarOptions>, Snackbar?> add, Action<SnackbarOptions>? configure, RenderFragment content)
    {
        SnackbarOptions? options = null;
        var bar = add(given =>
        {
            configure?.Invoke(given);
            options = given;
        });
        if (bar is not null && options is not null)
        {
            // The service has told its listeners already, so they are told again now that the note is there to be drawn.
            _notes.AddOrUpdate(bar, new SnackbarNote(bar, options, content));
            Kept?.Invoke();
        }

        return bar;
    }

    /// <summary>A note has come.</summary>
    public event Action? Kept;
}

/// <summary>A note.</summary>
/// <param name="Bar">The library's.</param>
/// <param name="Options">What it asked for.</param>
/// <param name="Content">What it says.</param>
public sealed record SnackbarNote(Snackbar Bar, SnackbarOptions Options, RenderFragment Content);
