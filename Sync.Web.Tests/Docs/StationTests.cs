using System.Reflection;
using System.Text.RegularExpressions;
using Sync.Cel.Tests;
using Sync.Engine.Services;

namespace Sync.Web.Tests.Docs;

/// <summary>The stations of docs/architecture.md are those of the code.</summary>
public sealed partial class StationTests
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    [Fact]
    public void Stations_OfTheArchitecture_AreTypesAndMethodsThatExist()
    {
        var types = new[] { typeof(SyncEngine).Assembly, typeof(Program).Assembly }.SelectMany(static assembly => assembly.GetTypes()).ToLookup(static type => type.Name, StringComparer.Ordinal);
        var text = File.ReadAllText(RepositoryFolder.At("docs/architecture.md"));
        var from = text.IndexOf("## Stations", StringComparison.Ordinal);
        var stations = Station().Matches(text[from..text.IndexOf("\n## ", from, StringComparison.Ordinal)]);

        Assert.True(stations.Count > 40);
        Assert.Empty(stations
            .Where(station => !types[station.Groups[1].Value].Any(type => !station.Groups[2].Success || type.GetMember(station.Groups[2].Value, Any).Length > 0))
            .Select(static station => station.Value));
    }

    [GeneratedRegex(@"`([A-Z][A-Za-z]+)(?:\.([A-Z][A-Za-z]+))?`")]
    private static partial Regex Station();
}
