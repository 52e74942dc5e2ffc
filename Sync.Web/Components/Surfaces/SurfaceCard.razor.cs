using Microsoft.AspNetCore.Components;
using Sync.Engine;

namespace Sync.Web.Components.Surfaces;

/// <summary>One surface.</summary>
public sealed partial class SurfaceCard
{
    private Surface? _surface;
    private DateTimeOffset _changed = DateTimeOffset.MinValue;
    private int _turn;

    /// <summary>The view to draw.</summary>
    [Parameter, EditorRequired]
    public required ViewPicture View { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private string Color => _surface?.Hint.Text("color") switch
    {
        "green" or "success" => "success",
        "red" or "error" => "error",
        "orange" or "amber" or "yellow" or "warning" => "warning",
        "blue" or "info" => "info",
        "primary" or "accent" or "teal" => "primary",
        _ => "plain",
    };

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_surface?.View, View))
        {
            return;
        }

        if (_surface is not null && _surface.View.Value != View.Value)
        {
            _changed = Now;
            _turn++;
        }

        _surface = Surface.Read(View);
        DrawNext();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        _surface?.Kind switch
        {
            SurfaceKind.Feed => drawn.Messages == now.Messages,
            SurfaceKind.Actions => drawn.Actions == now.Actions,
            SurfaceKind.Watch => drawn.Entries == now.Entries,
            SurfaceKind.Section => drawn.Views == now.Views && drawn.Messages == now.Messages && drawn.Actions == now.Actions && drawn.Entries == now.Entries,
            _ => true,
        };

    private IEnumerable<MessagePicture> Feed(Surface surface)
    {
        var kinds = surface.Names("kinds");
        var limit = (int)Math.Clamp(surface.Hint.Number("limit") ?? 10, 1, 100);
        return Picture.Messages.Where(message => kinds.Count == 0 || kinds.Contains(message.Kind)).TakeLast(limit);
    }

    private IEnumerable<ActionPicture> Actions(Surface surface)
    {
        var names = surface.Names("actions").Append(surface.Hint.Text("action")).ToHashSet(StringComparer.Ordinal);
        return Picture.Actions.Where(action => names.Contains(action.Id));
    }

    private IEnumerable<EntryPicture> Watched(Surface surface)
    {
        var keys = surface.Names("keys").ToHashSet(StringComparer.Ordinal);
        return Picture.Entries.Where(entry => keys.Contains($"{entry.Scope}.{entry.Key}") || (entry.Scope == "_shared" && keys.Contains(entry.Key)));
    }

    private IEnumerable<ViewPicture> Members(Surface section) =>
        section.Members().Where(id => id != View.Id).Select(id => Picture.Views.FirstOrDefault(view => view.Id == id)).OfType<ViewPicture>();
}
