using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Sync.Benchmarks;

/// <summary>
/// Runs that end: in this process, a few short iterations each, so that the whole set takes minutes on a laptop. Good for allocated bytes and for what is twice as
/// slow, not for a few per cent; for those give a longer job on the command line.
/// </summary>
internal sealed class ShortRuns : ManualConfig
{
    public ShortRuns()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput)
            .WithWarmupCount(3)
            .WithIterationCount(5)
            .WithIterationTime(TimeInterval.FromMilliseconds(150)));
    }
}
