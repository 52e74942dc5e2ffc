using Microsoft.Extensions.Logging;

namespace Sync.Engine.Primitives.Health;

/// <summary>
/// A logger that keeps the failures of its providers to itself. A provider may throw (a full disk, a closed console), and what it throws comes out where something is logged:
/// in loops, on timers' threads and where callers are about to be answered, which all must go on.
/// </summary>
internal sealed class NonThrowingLogger : ILogger
{
    private readonly ILogger _logger;

    private NonThrowingLogger(ILogger logger) => _logger = logger;

    /// <summary>The logger itself if it is such a one, else one over it.</summary>
    public static ILogger Over(ILogger logger) => logger as NonThrowingLogger ?? new NonThrowingLogger(logger);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _logger.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nowhere to say so.
        }
    }
}
