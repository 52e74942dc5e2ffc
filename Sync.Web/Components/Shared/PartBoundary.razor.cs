using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Shared;

/// <summary>
/// The error boundary around every surface and panel. Rooms hold what strangers wrote: whatever of it a component cannot draw must stop that component only, since an exception that reaches the
/// circuit ends the page of everybody who watches.
/// </summary>
public sealed partial class PartBoundary
{
    private object? _failedOn;
    private string? _logged;

    /// <summary>What stands here, for the reader.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>What is shown; another object is another try.</summary>
    [Parameter, EditorRequired]
    public required object Of { get; set; }

    [Inject]
    private ILogger<PartBoundary> Log { get; set; } = null!; // Set by the framework before anything runs.

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (CurrentException is not null && !ReferenceEquals(_failedOn, Of))
        {
            Recover();
        }
    }

    /// <inheritdoc/>
    protected override Task OnErrorAsync(Exception exception)
    {
        _failedOn = Of;

        // A part that fails on every change is said once. What it failed on is somebody's value: only the kind is logged.
        var kind = exception.GetType().Name;
        if (_logged != kind)
        {
            _logged = kind;
            LogFailed(Log, Name, exception.GetType(), exception.StackTrace);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The part '{Part}' of a page failed with {Kind}. {StackTrace}")]
    private static partial void LogFailed(ILogger log, string part, Type kind, string? stackTrace);
}
