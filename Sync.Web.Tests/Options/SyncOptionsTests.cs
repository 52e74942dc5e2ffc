using Microsoft.Extensions.Configuration;
using Sync.Engine.Primitives.Options;
using Sync.Web.Options;

namespace Sync.Web.Tests.Options;

public sealed class SyncOptionsTests
{
    [Fact]
    public void Read_Nothing_GivesDefaults()
    {
        var (options, mistakes) = Read([]);

        Assert.Empty(mistakes);
        Assert.Equal("http://localhost:5080", options.PublicUrl);
        Assert.Equal(Path.GetFullPath("data"), options.DataDirectory);
        Assert.Equal(RegistrationPolicy.Invite, options.Registration);
        Assert.Equal(JoinPolicy.Open, options.Rooms.Join);
        Assert.True(options.Demo);
        Assert.Equal(4 * 1024 * 1024, options.Limits.BodyBytes);
    }

    [Fact]
    public void Read_Everything_IsTaken()
    {
        var (options, mistakes) = Read(new()
        {
            ["Sync:PublicUrl"] = "https://sync.example.org/",
            ["Sync:Rooms:Join"] = "Members",
            ["sync:demo"] = "false",
            ["Sync:Registration"] = "closed",
            ["Sync:Limits:RequestsPerSecond"] = "7",
            ["Sync:Limits:WaitSeconds"] = "5",
            ["Sync:Storage"] = "sqlite",
            ["Sync:BrowserOrigins"] = "https://APP.example.org/, http://localhost:80",
        });

        Assert.Empty(mistakes);
        Assert.Equal(["https://app.example.org", "http://localhost"], options.BrowserOrigins);
        Assert.Equal("https://sync.example.org", options.PublicUrl);
        Assert.Equal(JoinPolicy.Members, options.ForEngine().Join);
        Assert.False(options.Demo);
        Assert.Equal(RegistrationPolicy.Closed, options.Registration);
        Assert.Equal(7, options.Limits.RequestsPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(5), options.ForEngine().Limits.WaitTimeout);
    }

    [Fact]
    public void Read_SeveralMistakes_ReportsEach()
    {
        var (_, mistakes) = Read(new()
        {
            ["Sync:PublicUrl"] = "sync.example.org",
            ["Sync:Registration"] = "2",
            ["Sync:Demo"] = "perhaps",
            ["Sync:Limits:BodyBytes"] = "4 MB",
            ["Sync:Limits:RequestsPerSecond"] = "0",
            ["Sync:Storage"] = "postgres",
            ["Sync:PublicURI"] = "x",
            ["Sync:Limits:Nothing"] = "x",
        });

        Assert.Equal(8, mistakes.Count);
        Assert.Contains(mistakes, mistake => mistake == "Sync:Limits:BodyBytes must be a whole number from 1024 to 268435456; it is \"4 MB\".");
        Assert.Contains(mistakes, mistake => mistake == "Sync:PublicURI is no setting; did you mean Sync:PublicUrl?");
    }

    private static (SyncOptions Options, IReadOnlyList<string> Mistakes) Read(Dictionary<string, string?> settings) =>
        SyncOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
