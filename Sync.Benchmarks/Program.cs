using BenchmarkDotNet.Running;
using Sync.Benchmarks;
using Sync.Benchmarks.Load;

// "load" measures the running whole, "load mcp" the cost of tool calls alone; everything else are BenchmarkDotNet's own arguments, such as --filter '*Invoke*'.
if (args is [EchoServer.Argument])
{
    await EchoServer.RunAsync();
    return;
}

if (args is ["load", "mcp"])
{
    await McpProbe.RunAsync(new Report(Console.Out));
    return;
}

if (args is ["load", ..])
{
    await LoadProbe.RunAsync(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new ShortRuns());
