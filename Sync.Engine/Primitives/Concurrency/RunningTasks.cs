using System.Collections.Concurrent;

namespace Sync.Engine.Primitives.Concurrency;

/// <summary>Tasks that nobody who starts one waits for, and that closing must wait for. Each is forgotten when it has ended. Any thread.</summary>
internal sealed class RunningTasks
{
    private readonly ConcurrentDictionary<Task, bool> _tasks = new();

    public void Add(Task task)
    {
        if (task.IsCompleted)
        {
            return;
        }

        _tasks[task] = true;
        _ = task.ContinueWith(done => _tasks.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when all that run now have ended.</summary>
    public Task SettledAsync() => Task.WhenAll(_tasks.Keys);
}
