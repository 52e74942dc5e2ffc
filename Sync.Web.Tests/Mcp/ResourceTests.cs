using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Rooms as resources, prompts, completion.</summary>
public sealed class ResourceTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Room_AsResource_IsListedAndRead(string version)
    {
        var room = await host.RoomAsync();
        var other = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, version: version);

        var listed = await mcp.Client.ListResourcesAsync(cancellationToken: Cancel);
        var templates = await mcp.Client.ListResourceTemplatesAsync(cancellationToken: Cancel);
        var read = await mcp.Client.ReadResourceAsync($"sync://rooms/{room.Id}/context", cancellationToken: Cancel);

        Assert.Equal([$"sync://rooms/{room.Id}/context"], listed.Select(resource => resource.Uri));
        Assert.Contains(templates, template => template.UriTemplate == "sync://rooms/{room}/context");
        var text = Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text;
        Assert.True(JsonElement.Parse(text).TryGetProperty("_context", out _));
        Assert.DoesNotContain(other.Id, text, StringComparison.Ordinal);
    }

    /// <summary>More rooms than one page has: the client follows the cursors, also past a room that was deleted meanwhile, and a completion says that it is not all.</summary>
    [Fact]
    public async Task Rooms_MoreThanAPage_AreListedByCursorsAndCompletedInPart()
    {
        var owner = await host.UserAsync();
        var prefix = SyncHost.NewName("many");
        for (var i = 0; i < 103; i++)
        {
            Assert.Equal(201, (await owner.PostAsync("/rooms", new { id = $"{prefix}-{i}" })).Status);
        }

        await using var mcp = await McpConnection.OpenAsync(host, owner.Token!);
        var first = await mcp.Client.ListResourcesAsync(new ListResourcesRequestParams(), Cancel);
        Assert.Equal(100, first.Resources.Count);
        Assert.Equal(200, (await owner.SendAsync(HttpMethod.Delete, $"/rooms/{first.Resources[^1].Name}", content: null)).Status);
        var second = await mcp.Client.ListResourcesAsync(new ListResourcesRequestParams { Cursor = first.NextCursor }, Cancel);
        var completed = await mcp.Client.CompleteAsync(new CompleteRequestParams { Ref = new PromptReference { Name = "join_room" }, Argument = new Argument { Name = "room", Value = prefix.ToUpperInvariant() } }, Cancel);

        Assert.Equal([$"{prefix}-2", $"{prefix}-1", $"{prefix}-0"], second.Resources.Select(static resource => resource.Name));
        Assert.Null(second.NextCursor);
        Assert.Equal((100, true, null), (completed.Completion.Values.Count, completed.Completion.HasMore, completed.Completion.Total));
        var error = await Assert.ThrowsAnyAsync<McpProtocolException>(async () => await mcp.Client.ListResourcesAsync(new ListResourcesRequestParams { Cursor = "no cursor" }, Cancel));
        Assert.Equal("invalid_parameter", error.Data["error"]?.ToString());
    }

    [Theory]
    [InlineData("sync://rooms/{0}/context", "scope_denied")]
    [InlineData("sync://rooms/nowhere/context", "room_not_found")]
    [InlineData("file:///etc/passwd", "not_found")]
    public async Task Resource_OutOfReach_IsRefused(string uri, string code)
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("stranger")));

        var error = await Assert.ThrowsAnyAsync<McpProtocolException>(async () =>
            await mcp.Client.ReadResourceAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, uri, room.Id), cancellationToken: Cancel));

        Assert.Equal(code, error.Data["error"]?.ToString());
    }

    [Fact]
    public async Task HelpAndAction_AsResources_AreRead()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "note", writes = new[] { new { key = "note", value = 1 } } });
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        var help = await mcp.Client.ReadResourceAsync($"sync://rooms/{room.Id}/help/guide", cancellationToken: Cancel);
        var action = await mcp.Client.ReadResourceAsync($"sync://rooms/{room.Id}/actions/note", cancellationToken: Cancel);

        Assert.Equal("text/markdown", help.Contents[0].MimeType);
        Assert.Contains("note", Assert.IsType<TextResourceContents>(action.Contents[0]).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_OfASession_IsNotifiedOfAChange()
    {
        var room = await host.RoomAsync();
        var uri = $"sync://rooms/{room.Id}/context";
        var told = Channel.CreateUnbounded<string>();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, handlers: Listening(told));
        await mcp.Client.SubscribeToResourceAsync(uri, cancellationToken: Cancel);

        (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertOk();

        Assert.Contains(uri, await told.Reader.ReadAsync(Cancel), StringComparison.Ordinal);
        await mcp.Client.UnsubscribeFromResourceAsync(uri, cancellationToken: Cancel);
    }

    [Fact]
    public async Task Subscription_ToARoomOfOthers_IsRefused()
    {
        var room = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("stranger")));

        await Assert.ThrowsAnyAsync<McpProtocolException>(() => mcp.Client.SubscribeToResourceAsync($"sync://rooms/{room.Id}/context", cancellationToken: Cancel));
    }

    [Fact]
    public async Task Listening_WithoutASession_IsAcknowledgedAndNotifiedOfAChange()
    {
        var room = await host.RoomAsync();
        var other = await host.RoomAsync();
        var uri = $"sync://rooms/{room.Id}/context";
        var told = Channel.CreateUnbounded<string>();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!, version: McpConnection.Stateless, handlers: Listening(told));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var listening = mcp.Client.SendRequestAsync(
            new JsonRpcRequest
            {
                Method = "subscriptions/listen",
                Params = new JsonObject { ["notifications"] = new JsonObject { ["resourceSubscriptions"] = new JsonArray(uri, $"sync://rooms/{other.Id}/context") } },
            },
            enough.Token);
        var acknowledged = await told.Reader.ReadAsync(Cancel);
        (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertOk();
        var updated = await told.Reader.ReadAsync(Cancel);

        Assert.Contains(uri, acknowledged, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Id, acknowledged, StringComparison.Ordinal);
        Assert.Contains(uri, updated, StringComparison.Ordinal);
        Assert.Contains("subscriptionId", updated, StringComparison.Ordinal);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Prompts_AreListedAndFilledIn(string version)
    {
        await using var mcp = await McpConnection.OpenAsync(host, await host.MintAsync(SyncHost.NewName("user")), version: version);

        var prompts = await mcp.Client.ListPromptsAsync(cancellationToken: Cancel);
        var filled = await mcp.Client.GetPromptAsync("join_room", new Dictionary<string, object?> { ["room"] = "launch", ["role"] = "reviewer" }, cancellationToken: Cancel);

        Assert.Equal(["bootstrap_vocabulary", "join_room"], prompts.Select(prompt => prompt.Name).Order(StringComparer.Ordinal));
        Assert.Contains("""sync_embody {"room":"launch","role":"reviewer"}""", Assert.IsType<TextContentBlock>(filled.Messages[0].Content).Text, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<McpProtocolException>(async () => await mcp.Client.GetPromptAsync("join_room", cancellationToken: Cancel));
    }

    [Fact]
    public async Task Completion_OffersWhatTheCallerSees()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "note", writes = new[] { new { key = "note", value = 1 } } });
        var other = await host.RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!);

        var rooms = await CompleteAsync(mcp, new PromptReference { Name = "join_room" }, "room", "room");
        var actions = await CompleteAsync(mcp, new ResourceTemplateReference { Uri = "sync://rooms/{room}/actions/{action}" }, "action", "no", room.Id);
        var keys = await CompleteAsync(mcp, new ResourceTemplateReference { Uri = "sync://rooms/{room}/help/{key}" }, "key", "gu", room.Id);

        Assert.Contains(room.Id, rooms);
        Assert.DoesNotContain(other.Id, rooms);
        Assert.Equal(["note"], actions);
        Assert.Equal(["guide"], keys);
    }

    private static async Task<IList<string>> CompleteAsync(McpConnection mcp, Reference reference, string argument, string value, string? room = null)
    {
        var request = new CompleteRequestParams { Ref = reference, Argument = new Argument { Name = argument, Value = value } };
        if (room is not null)
        {
            request.Context = new CompleteContext { Arguments = new Dictionary<string, string> { ["room"] = room } };
        }

        return (await mcp.Client.CompleteAsync(request, Cancel)).Completion.Values;
    }

    private static McpClientHandlers Listening(Channel<string> told)
    {
        ValueTask Tell(JsonRpcNotification notification, CancellationToken cancellationToken)
        {
            told.Writer.TryWrite(notification.Params?.ToJsonString() ?? "");
            return default;
        }

        return new McpClientHandlers
        {
            NotificationHandlers =
            [
                KeyValuePair.Create("notifications/resources/updated", (Func<JsonRpcNotification, CancellationToken, ValueTask>)Tell),
                KeyValuePair.Create("notifications/subscriptions/acknowledged", (Func<JsonRpcNotification, CancellationToken, ValueTask>)Tell),
            ],
        };
    }
}
