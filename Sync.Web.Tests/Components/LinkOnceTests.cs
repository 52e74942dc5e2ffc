using Bunit;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components;

/// <summary>A link that is given away says when nobody else can follow it.</summary>
public sealed class LinkOnceTests
{
    [Theory]
    [InlineData("http://localhost:5080/auth/register?invitation=inv_x", true)]
    [InlineData("http://127.0.0.1:5080/rooms/r/dashboard#token=tok_x", true)]
    [InlineData("http://[::1]:5080/rooms/r/dashboard#token=tok_x", true)]
    [InlineData("https://sync.example/rooms/r/dashboard#token=tok_x", false)]
    [InlineData("http://192.168.1.7:5080/rooms/r/dashboard#token=tok_x", false)]
    public async Task Link_ToTheServersOwnMachine_SaysSo(string link, bool isLocal)
    {
        await using var context = new BunitContext();

        var shown = context.Render<LinkOnce>(parameters => parameters.Add(once => once.Id, "it").Add(once => once.Label, "Link").Add(once => once.Link, link));

        Assert.Equal(link, shown.Find("#it").TextContent);
        Assert.Equal(isLocal, shown.FindAll(".link-local").Count == 1);
    }
}
