using Microsoft.Extensions.Configuration;
using Sync.Web.Options;

namespace Sync.Web.Tests.Options;

/// <summary>Which setting moves what: the address that is listened on, the one in links, and what is said of both.</summary>
public sealed class PublicAddressTests
{
    private const string Port = "http://localhost:5080";

    // PublicUrl × urls × ports → listened on (null: as the settings say), in links.
    [Theory]
    [InlineData(null, null, null, Port, Port)]
    [InlineData(null, "http://localhost:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://127.0.0.1:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://[::1]:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://0.0.0.0:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://[::]:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://*:6000", null, null, "http://localhost:6000")]
    [InlineData(null, "http://+:6000/", null, null, "http://localhost:6000")]
    [InlineData(null, "https://localhost:6001;http://localhost:6000", null, null, "https://localhost:6001")]
    [InlineData(null, "http://localhost", null, null, "http://localhost")]
    [InlineData(null, "http://box.example.org:6000", null, null, "http://box.example.org:6000")]
    [InlineData(null, "http://192.168.1.5:6000", null, null, "http://192.168.1.5:6000")]
    [InlineData(null, "http://127.0.0.1:0", null, null, Port)]
    [InlineData(null, "http://unix:/run/sync.sock", null, null, Port)]
    [InlineData(null, "nonsense", null, null, Port)]
    [InlineData(null, null, "8080", null, "http://localhost:8080")]
    [InlineData(null, null, "8080;8081", null, "http://localhost:8080")]
    [InlineData(null, "http://localhost:6000", "8080", null, "http://localhost:6000")]
    [InlineData("http://localhost:6000", null, null, "http://localhost:6000", "http://localhost:6000")]
    [InlineData("http://localhost:6000/", null, null, "http://localhost:6000", "http://localhost:6000")]
    [InlineData("http://localhost:6000/sync", null, null, "http://localhost:6000", "http://localhost:6000/sync")]
    [InlineData("http://127.0.0.1:6000", null, null, "http://127.0.0.1:6000", "http://127.0.0.1:6000")]
    [InlineData("https://sync.example.org", null, null, Port, "https://sync.example.org")]
    [InlineData("https://localhost:8443", null, null, Port, "https://localhost:8443")]
    [InlineData("http://sync.example.org:6000", null, null, Port, "http://sync.example.org:6000")]
    [InlineData("https://sync.example.org", "http://0.0.0.0:6000", null, null, "https://sync.example.org")]
    [InlineData("http://localhost:7000", "http://localhost:6000", null, null, "http://localhost:7000")]
    public void Settings_OfTheAddress_FollowEachOther(string? publicUrl, string? urls, string? ports, string? listen, string links)
    {
        var configuration = Configuration(publicUrl, urls, ports);

        var (options, mistakes) = SyncOptionsReader.Read(configuration);

        Assert.Empty(mistakes);
        Assert.Equal((listen, links), (PublicAddress.ListenUrl(configuration), options.PublicUrl));
    }

    [Theory]
    [InlineData("http://localhost:5080", null)]
    [InlineData("http://sync.localhost:5080", null)]
    [InlineData("https://sync.example.org", null)]
    [InlineData("https://sync.example.org/sync", null)]
    [InlineData("http://127.0.0.1:5080", "Sync__PublicUrl=http://localhost:5080")]
    [InlineData("http://127.0.0.1:5080/sync", "Sync__PublicUrl=http://localhost:5080/sync")]
    [InlineData("https://[::1]:8443", "Sync__PublicUrl=https://localhost:8443")]
    [InlineData("http://192.168.1.5:5080", "Give the machine a name")]
    [InlineData("https://192.168.1.5", "Give the machine a name")]
    [InlineData("http://sync.example.org:5080", "Sync__PublicUrl=https://sync.example.org")]
    [InlineData("http://box:5080", "Sync__PublicUrl=https://box")]
    public void Passkeys_WhereTheyCannotWork_AreWarnedOfWithWhatToDo(string publicUrl, string? remedy)
    {
        var problem = PublicAddress.PasskeyProblem(publicUrl);

        Assert.Equal(remedy is null, problem is null);
        Assert.Contains(remedy ?? "", problem ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5080", true)]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("http://sync.localhost", true)]
    [InlineData("https://sync.example.org", false)]
    [InlineData("http://192.168.1.5:5080", false)]
    [InlineData("http://localhost.example.org", false)]
    public void LocalOnly_AreAddressesOfThisMachine(string publicUrl, bool isLocal) => Assert.Equal(isLocal, PublicAddress.IsLocalOnly(publicUrl));

    [Theory]
    [InlineData("http://localhost:5080", "http://localhost:5080", null)]
    [InlineData("http://localhost:5080", "http://127.0.0.1:5080", null)]
    [InlineData("http://localhost:5080", "http://[::]:5080", null)]
    [InlineData("http://localhost:5080", "http://*:6000", "Sync__PublicUrl=http://localhost:6000")]
    [InlineData("http://localhost:7000", "http://localhost:6000", "Sync__PublicUrl=http://localhost:6000")]
    [InlineData("http://localhost:7000/sync", "http://localhost:6000", null)]
    [InlineData("https://localhost", "http://localhost:5080", null)]
    [InlineData("https://sync.example.org", "http://localhost:5080", null)]
    [InlineData("http://localhost:5080", "", null)]
    public void Links_WhereNothingListens_AreWarnedOf(string publicUrl, string listening, string? remedy)
    {
        var problem = PublicAddress.LinkProblem(publicUrl, listening.Split(';', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(remedy is null, problem is null);
        Assert.Contains(remedy ?? "", problem ?? "", StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration(string? publicUrl, string? urls, string? ports) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Sync:PublicUrl"] = publicUrl,
        ["urls"] = urls,
        ["http_ports"] = ports,
    }).Build();
}
