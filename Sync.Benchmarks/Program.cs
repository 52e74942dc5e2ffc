using BenchmarkDotNet.Running;
using Sync.Benchmarks;
using Sync.Benchmarks.Load;

// "load" measures the running whole; everything else are BenchmarkDotNet's own arguments, such as --filter '*Invoke*'.
if (args is ["load", ..])
{
    await LoadProbe.RunAsync(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new ShortRuns());
