// "load" measures the running whole, "load mcp" the cost of tool calls alone, "load leases" that of leases, "load pages" that of open pages; "load overload" what a bystander notices of an overload; "load large-room" makes a room to look at; everything else are BenchmarkDotNet's own arguments, such as --filter '*Invoke*'.

using BenchmarkDotNet.Running;
using Sync.Benchmarks;
using Sync.Benchmarks.Load;
using Sync.Benchmarks.Load.Overload;
using Sync.Benchmarks.Load.Pages;

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

if (args is ["load", "leases"])
{
    await LeaseProbe.RunAsync(new Report(Console.Out));
    return;
}

if (args is ["load", "pages", ..])
{
    await PagesProbe.RunAsync(new Report(Console.Out), args.AsMemory(2));
    return;
}

if (args is ["load", "large-room", ..])
{
    await LargeRoomProbe.RunAsync(new Report(Console.Out), args.AsMemory(2));
    return;
}

if (args is ["load", "overload", ..])
{
    await OverloadProbe.RunAsync(new Report(Console.Out), args.AsMemory(2));
    return;
}

if (args is ["load", ..])
{
    await LoadProbe.RunAsync(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new ShortRuns());
