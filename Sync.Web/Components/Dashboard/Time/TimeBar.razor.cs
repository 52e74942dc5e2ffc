using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Dashboard.Time;

/// <summary>The slider over a room's events.</summary>
public sealed partial class TimeBar
{
    /// <summary>What it moves.</summary>
    [Parameter, EditorRequired]
    public required object Travel { get; set; }

    /// <summary>The room's newest event.</summary>
    [Parameter, EditorRequired]
    public required long Newest { get; set; }

    // Parameters of public components are public; what it is, stays inside.
    private TimeMachine Machine => (TimeMachine)Travel;

    private long Position => Machine.At ?? Newest;

    private string ValueText => Machine.At is { } at ? $"event {at} of {Newest}" : "now";

    private Task SlideAsync(ChangeEventArgs change) =>
        long.TryParse(change.Value?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? Machine.GoToAsync(seq, Newest) : Task.CompletedTask;

    private Task StepAsync(int by) => Machine.GoToAsync(Math.Max(1, Position + by), Newest);
}
