using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sync.Web.Tests.Hosting;

/// <summary>Keeps what is logged as an error, or as something less, so that tests can say there was none.</summary>
internal sealed class ErrorLog(LogLevel least = LogLevel.Error) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyCollection<string> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _entries.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }
}
