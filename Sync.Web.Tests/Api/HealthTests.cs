using System.Net;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>What the server says of its own parts.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData("/health", true, HttpStatusCode.ServiceUnavailable)]
    [InlineData("/health/ready", true, HttpStatusCode.ServiceUnavailable)]
    [InlineData("/health/live", true, HttpStatusCode.OK)]
    [InlineData("/health/ready", false, HttpStatusCode.OK)]
    public async Task Ready_PartFails_IsSaidByNameWhereItMatters(string path, bool isEssential, HttpStatusCode status)
    {
        var host = new SyncHost([]);
        await host.InitializeAsync();
        try
        {
            var part = host.Engine.Health.Component("the part", isEssential);
            part.Failed();
            part.Failed();

            var answer = await host.Client().GetAsync(path);
            part.Succeeded();
            var after = await host.Client().GetAsync(path);

            Assert.Equal((int)status, answer.Status);
            Assert.Equal(200, after.Status);
            if (status != HttpStatusCode.OK)
            {
                Assert.Equal("the part", answer.Json.GetProperty("failing")[0].GetString());
            }
        }
        finally
        {
            await host.DisposeAsync();
        }
    }
}
