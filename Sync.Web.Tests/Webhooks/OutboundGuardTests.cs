using System.Net;
using Sync.Web.Http.Outbound;

namespace Sync.Web.Tests.Webhooks;

/// <summary>Where the server connects to when others name the address.</summary>
public sealed class OutboundGuardTests
{
    [Theory]
    [InlineData("https://receiver.example/hook", true)]
    [InlineData("https://receiver.example:8443/hook", true)]
    [InlineData("https://receiver.example:443/", true)]
    [InlineData("https://8.8.8.8/hook", true)]
    [InlineData("https://[2606:4700::1111]/", true)]
    [InlineData("http://receiver.example/hook", false)]
    [InlineData("ftp://receiver.example/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("gopher://receiver.example/", false)]
    [InlineData("https://user:secret@receiver.example/", false)]
    [InlineData("https://receiver.example/#part", false)]
    [InlineData("https://receiver.example:22/", false)]
    [InlineData("https://receiver.example:25/", false)]
    [InlineData("https://receiver.example:53/", false)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://LOCALHOST:8443/", false)]
    [InlineData("https://db.localhost/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://127.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://0.0.0.0/", false)]
    [InlineData("https://10.0.0.1/", false)]
    [InlineData("https://172.20.0.1/", false)]
    [InlineData("https://192.168.1.1/", false)]
    [InlineData("https://100.64.0.1/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:127.0.0.1]/", false)]
    [InlineData("https://[::ffff:169.254.169.254]/", false)]
    [InlineData("https://[fe80::1]/", false)]
    [InlineData("https://[fd00:ec2::254]/", false)]
    [InlineData("https://[fc00::1]/", false)]
    [InlineData("https://[64:ff9b::7f00:1]/", false)]
    [InlineData("https://[2002:7f00:1::]/", false)]
    public void Address_OfEachKind_IsLetThroughOrNot(string address, bool isAllowed) =>
        Assert.Equal(isAllowed, new OutboundGuard(OutboundReach.Public).Problem(new Uri(address)) is null);

    [Theory]
    [InlineData("127.0.0.1", false, true, true)]
    [InlineData("::1", false, true, true)]
    [InlineData("::ffff:127.0.0.1", false, true, true)]
    [InlineData("10.1.2.3", false, false, true)]
    [InlineData("172.16.0.1", false, false, true)]
    [InlineData("192.168.0.1", false, false, true)]
    [InlineData("100.64.0.1", false, false, true)]
    [InlineData("fd12::1", false, false, true)]
    [InlineData("::ffff:10.0.0.1", false, false, true)]
    [InlineData("169.254.169.254", false, false, false)]
    [InlineData("::ffff:169.254.169.254", false, false, false)]
    [InlineData("fe80::1", false, false, false)]
    [InlineData("fd00:ec2::254", false, false, false)]
    [InlineData("100.100.100.200", false, false, false)]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("::", false, false, false)]
    [InlineData("224.0.0.1", false, false, false)]
    [InlineData("255.255.255.255", false, false, false)]
    [InlineData("64:ff9b::a00:1", false, false, false)]
    [InlineData("8.8.8.8", true, true, true)]
    public void Resolved_ByEachReach_IsLetThroughOrNot(string address, bool isPublic, bool isLoopback, bool isPrivate)
    {
        var parsed = IPAddress.Parse(address);

        Assert.Equal(isPublic, new OutboundGuard(OutboundReach.Public).IsAllowed(parsed));
        Assert.Equal(isLoopback, new OutboundGuard(OutboundReach.Loopback).IsAllowed(parsed));
        Assert.Equal(isPrivate, new OutboundGuard(OutboundReach.Private).IsAllowed(parsed));
    }

    [Fact]
    public async Task Connection_ToANameWithOnePrivateAddress_IsRefusedAndNothingIsConnected()
    {
        using var receiver = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var port = ((IPEndPoint)receiver.LocalEndpoint).Port;
        using var http = new HttpClient(new OutboundGuard(OutboundReach.Public, static (_, _) => Task.FromResult(new[] { IPAddress.Parse("203.0.113.1"), IPAddress.Loopback })).CreateHandler());

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://receiver.example:{port}/"), TestContext.Current.CancellationToken));

        Assert.False(receiver.Pending());
    }

    [Fact]
    public async Task Connection_ToANameThatResolvesDifferentlyTheNextTime_IsExaminedEachTime()
    {
        using var receiver = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var port = ((IPEndPoint)receiver.LocalEndpoint).Port;
        var asked = 0;

        // Loopback is let through; what the name says the second time is not.
        using var http = new HttpClient(new OutboundGuard(OutboundReach.Loopback, (_, _) => Task.FromResult(new[] { asked++ == 0 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254") })).CreateHandler());
        var first = http.GetAsync(new Uri($"http://receiver.example:{port}/"), TestContext.Current.CancellationToken);
        using (var connection = await receiver.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            (await first).Dispose();
        }

        // One look-up for one connection: the address that was examined is the one that was connected to.
        Assert.Equal(1, asked);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://receiver.example:{port}/"), TestContext.Current.CancellationToken));
        Assert.Equal(2, asked);
        Assert.False(receiver.Pending());
    }
}
