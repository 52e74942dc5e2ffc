using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Webhooks;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Tests.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;
using Sync.Engine.Tests.Services.Users;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Webhooks;

/// <summary>Who has what told where, and what becomes of it.</summary>
public sealed class WebhookTests
{
    private static readonly CreateWebhook s_request = new() { Url = "https://receiver.example/hook/secret-part-of-it" };

    public static TheoryData<string> Operations => ["list", "create", "change", "remove", "test", "deliveries"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_ByWhoMayNot_IsDenied(string operation)
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender());
        await host.RoomAsync("r");
        var theirs = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Value.Info.Id;
        var rooms = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request, Cancel)).Value.Info.Id;
        var other = await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Collaborator);

        Assert.Equal("authentication_required", (await RunAsync(host, operation, Caller.Anonymous, room: null, theirs)).Error?.Code.Name);
        Assert.Equal("authentication_required", (await RunAsync(host, operation, Caller.Anonymous, "r", rooms)).Error?.Code.Name);
        Assert.Equal("read_only_token", (await RunAsync(host, operation, await host.UserAsync("olga", "rooms:*:read"), room: null, theirs)).Error?.Code.Name);
        Assert.NotNull((await RunAsync(host, operation, await host.UserAsync("olga", "rooms:*:write"), "r", rooms)).Error);
        Assert.Equal("room_token_required", (await RunAsync(host, operation, other, "r", rooms)).Error?.Code.Name);
        Assert.Equal("room_not_found", (await RunAsync(host, operation, host.Owner, "nowhere", rooms)).Error?.Code.Name);
        if (operation is not ("list" or "create"))
        {
            // Another's, one of a room as one's own and the other way round, and one that was never there.
            Assert.Equal("not_found", (await RunAsync(host, operation, other, room: null, theirs)).Error?.Code.Name);
            Assert.Equal("not_found", (await RunAsync(host, operation, host.Owner, room: null, rooms)).Error?.Code.Name);
            Assert.Equal("not_found", (await RunAsync(host, operation, host.Owner, "r", theirs)).Error?.Code.Name);
            Assert.Equal("not_found", (await RunAsync(host, operation, host.Owner, "r", "wh_none")).Error?.Code.Name);
        }

        Assert.Null((await RunAsync(host, operation, host.Owner, room: null, theirs)).Error);
    }

    [Fact]
    public async Task Webhook_OfATokenOfOneRoom_IsManagedByItAndByTokensOfAll()
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender());
        await host.RoomAsync("r");
        var narrow = await host.UserAsync("olga", "rooms:r:write");
        var also = await host.UserAsync("olga", "rooms:r:write");
        var made = (await host.Engine.Webhooks.CreateAsync(narrow, room: null, s_request, Cancel)).Value.Info;

        Assert.Equal(narrow.TokenId, made.TokenId);
        Assert.Single((await host.Engine.Webhooks.ListAsync(narrow, room: null, Cancel)).Value);
        Assert.Single((await host.Engine.Webhooks.ListAsync(host.Owner, room: null, Cancel)).Value);
        Assert.Empty((await host.Engine.Webhooks.ListAsync(also, room: null, Cancel)).Value);
    }

    [Fact]
    public async Task Webhook_Listed_NeverShowsItsSecretOrItsWholeAddress()
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender());
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request with { Label = "phone" }, Cancel)).Value;

        var listed = Assert.Single((await host.Engine.Webhooks.ListAsync(host.Owner, room: null, Cancel)).Value);

        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", made.Secret);
        Assert.Equal("https://receiver.example/…f-it", listed.Address);
        Assert.DoesNotContain("secret-part", listed.ToString(), StringComparison.Ordinal);
        Assert.Equal("msg", new WebhookMessage("msg", s_request.Url, WebhookFormat.Json, new byte[] { 1 }, Notice()).ToString());
    }

    [Fact]
    public async Task Webhook_WrongOrOneTooMany_IsRefused()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        Assert.Equal("unavailable", (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Error?.Code.Name);
        host.Engine.Webhooks.Start(new RecordingSender());

        foreach (var wrong in new[]
        {
            s_request with { Url = "http://receiver.example" },
            s_request with { Url = "https://" + new string('x', 2_000) },
            s_request with { Label = new string('x', 201) },
            s_request with { Label = "phone\u202eenohp" },
            s_request with { Label = "two\nlines" },
            s_request with { Kinds = [] },
            s_request with { Kinds = [WebhookKind.Decision] },
            s_request with { Kinds = [WebhookKind.Test] },
        })
        {
            Assert.Equal("invalid_parameter", (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, wrong, Cancel)).Error?.Code.Name);
        }

        Assert.Equal("invalid_parameter", (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Invitation] }, Cancel)).Error?.Code.Name);
        foreach (var room in new[] { null, "r" })
        {
            foreach (var _ in Enumerable.Range(0, 10))
            {
                Assert.Null((await host.Engine.Webhooks.CreateAsync(host.Owner, room, s_request, Cancel)).Error);
            }

            Assert.Equal("invalid_parameter", (await host.Engine.Webhooks.CreateAsync(host.Owner, room, s_request, Cancel)).Error?.Code.Name);
        }
    }

    [Fact]
    public async Task RoomWebhook_Always_TellsOnceOfWhatItIsFor()
    {
        await using var host = await StartAsync();
        var sender = new RecordingSender();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"before"}""");
        host.Engine.Webhooks.Start(sender);

        // A message of the same millisecond counts as one that came after.
        var said = (await host.LoadedAsync("r")).Published.UpdatedAt;
        await EngineHost.UntilAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() > said.ToUnixTimeMilliseconds());
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;

        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"first"}""");
        var first = await sender.NextAsync();
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"second"}""");
        var second = await sender.NextAsync();

        Assert.Equal(("first", "message", "r"), (first.Notice.Text, first.Notice.Kind, first.Notice.Room));
        Assert.Equal("second", second.Notice.Text);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(2, sender.All.Count);
        var deliveries = await DeliveredAsync(host, "r", made.Info.Id, 2);
        Assert.All(deliveries, delivery => Assert.Equal((1, "answered 200"), (delivery.Attempts, delivery.Result)));
    }

    [Fact]
    public async Task RoomWebhook_OfWhoNoLongerOwnsTheRoom_IsTurnedOffAndTellsNothingMore()
    {
        await using var host = await StartAsync();
        var sender = new RecordingSender();
        await host.RoomAsync("r");
        var ben = await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Owner);
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(ben, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"mine"}""");
        await sender.NextAsync();

        await host.GiveRoleAsync("r", "ben", Role.Collaborator);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"not for ben"}""");

        Assert.Equal("whoever made it no longer owns the room", (await OffAsync(host, host.Owner, "r", made.Info.Id)).OffReason);
        Assert.Equal(["mine"], sender.All.Select(message => message.Notice.Text));
    }

    [Fact]
    public async Task InboxWebhook_OfWhatItsUserMayNoLongerRead_IsNotSent()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        var ben = await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Participant);
        await host.InvokeAsync(ben, "r", "_send_message", """{"body":"I am here"}""");
        var sender = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "answered 500") };
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(ben, room: null, s_request, Cancel)).Value;
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"for ben","to":["ben"]}""");
        var sent = await SentAsync(sender, clock);
        Assert.Equal("for ben", sent.Notice.Text);

        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "ben", Cancel);
        var given = await GivenUpAsync(host, ben, made.Info.Id, clock);

        Assert.Equal("not sent: it may not be told any more", given.Result);
        Assert.Single(sender.All);
    }

    [Fact]
    public async Task Webhook_OfATokenThatHasEnded_IsTurnedOff()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var sender = new RecordingSender();
        host.Engine.Webhooks.Start(sender);
        var token = await host.UserAsync("olga", "rooms:*");
        var made = (await host.Engine.Webhooks.CreateAsync(token, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"one"}""");
        await sender.NextAsync();

        Assert.Null((await host.Engine.Tokens.RevokeAsync(host.Owner, token.TokenId!, Cancel)).Error);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"two"}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"three"}""");

        Assert.NotNull((await OffAsync(host, host.Owner, "r", made.Info.Id)).OffReason);
        Assert.Equal(["one"], sender.All.Select(message => message.Notice.Text));
    }

    [Fact]
    public async Task Message_ThatIsNotTaken_IsSentAgainLaterUnderTheSameIdAndThenTurnsItOff()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        var sender = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "answered 500") };
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"again"}""");

        List<string> ids = [];
        foreach (var _ in Enumerable.Range(0, WebhookRetries.Max))
        {
            ids.Add((await SentAsync(sender, clock)).Id);
        }

        Assert.Single(ids.Distinct());
        var off = await OffAsync(host, host.Owner, "r", made.Info.Id);
        Assert.Equal("a message was not taken in 8 attempts; at last its receiver answered 500", off.OffReason);
        Assert.Equal(0, off.Waiting);
        Assert.Equal((WebhookDeliveryState.Failed, 8), (await host.Engine.Webhooks.DeliveriesAsync(host.Owner, "r", made.Info.Id, Cancel)).Value[0] is var last ? (last.State, last.Attempts) : default);

        // Turned on again it tells of what happens from then on.
        sender.Answer = static _ => new WebhookAttempt(IsTaken: true, "answered 204");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await host.Engine.Webhooks.ChangeAsync(host.Owner, "r", made.Info.Id, new ChangeWebhook { IsOn = true }, Cancel)).Value.OffReason);
        clock.Advance(TimeSpan.FromSeconds(1));
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"news"}""");
        Assert.Equal("news", (await SentAsync(sender, clock)).Notice.Text);
    }

    [Fact]
    public async Task Message_AnsweredByGone_TurnsItOffAtOnce()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var sender = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "answered 410", IsGone: true) };
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;

        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"once"}""");

        Assert.Equal("its receiver wants no more: it answered 410", (await OffAsync(host, host.Owner, "r", made.Info.Id)).OffReason);
        Assert.Single(sender.All);
    }

    [Fact]
    public async Task Messages_ThatWaitAcrossARestart_AreSentUnderTheSameIdAndNothingTwice()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var down = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "could not be reached") };
        host.Engine.Webhooks.Start(down);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Message, WebhookKind.Attention] }, Cancel)).Value;
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"kept"}""");
        var before = await down.NextAsync();

        await host.RestartAsync();
        var up = new RecordingSender();
        host.Engine.Webhooks.Start(up);
        await host.Engine.Database.ExecuteAsync(static work => work.Execute("UPDATE webhook_deliveries SET due_ms = 0 WHERE state = 'Waiting'"), Cancel);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"next"}""");

        var after = new[] { await up.NextAsync(), await up.NextAsync() };
        Assert.Equal(["kept", "next"], after.Select(message => message.Notice.Text).Order());
        Assert.Contains(before.Id, after.Select(message => message.Id));
        Assert.Equal(2, (await DeliveredAsync(host, "r", made.Info.Id, 2)).Count);
    }

    [Fact]
    public async Task Queue_OfAReceiverThatIsDown_IsBounded()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        var sender = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "could not be reached") };
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Message] }, Cancel)).Value;
        foreach (var number in Enumerable.Range(0, 130))
        {
            await host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":"{{number}}"}""");
        }

        await UntilAsync(clock, TimeSpan.FromMilliseconds(100), async () => (await host.Engine.Webhooks.DeliveriesAsync(host.Owner, "r", made.Info.Id, Cancel)).Value.Count == 20
            && await host.Engine.Database.ReadAsync(static reader => reader.First("SELECT count(*) FROM webhook_deliveries", static row => row.GetInt32(0)), Cancel) == 130);

        var waiting = (await host.Engine.Webhooks.ListAsync(host.Owner, "r", Cancel)).Value.Single().Waiting;
        Assert.InRange(waiting, 1, 100);
        Assert.True(await host.Engine.Database.ReadAsync(static reader => reader.First("SELECT count(*) FROM webhook_deliveries WHERE result = 'given up: too many were waiting'", static row => row.GetInt32(0)), Cancel) >= 30);
    }

    [Fact]
    public async Task Attention_IsToldWhenItBeginsAndAgainWhenItComesBack()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");
        var sender = new RecordingSender();
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request with { Kinds = [WebhookKind.Attention, WebhookKind.Message] }, Cancel)).Value;

        // What was there before is no news.
        await UntilAsync(clock, TimeSpan.FromMilliseconds(200), async () => (await host.Engine.Database.Webhooks.FindAsync(made.Info.Id, Cancel))!.Seq >= 0);
        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
        await UntilAsync(clock, TimeSpan.FromMilliseconds(200), async () => await CountAsync(host, "key LIKE '-%'") == 1);
        clock.Advance(TimeSpan.FromMinutes(11));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");

        var told = await SentAsync(sender, clock);

        Assert.Equal(("attention", "paused"), (told.Notice.Kind, told.Notice.Attention));
        Assert.Single(sender.All);
    }

    [Fact]
    public async Task Test_OfAWebhookThatIsOff_IsSentOnceAndNotTooOften()
    {
        await using var host = await StartAsync();
        var sender = new RecordingSender { Answer = static _ => new WebhookAttempt(IsTaken: false, "answered 404") };
        host.Engine.Webhooks.Start(sender);
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Value;
        Assert.Equal("olga turned it off", (await host.Engine.Webhooks.ChangeAsync(host.Owner, room: null, made.Info.Id, new ChangeWebhook { IsOn = false }, Cancel)).Value.OffReason);

        Assert.Null((await host.Engine.Webhooks.TestAsync(host.Owner, room: null, made.Info.Id, Cancel)).Error);
        Assert.Equal("rate_limited", (await host.Engine.Webhooks.TestAsync(host.Owner, room: null, made.Info.Id, Cancel)).Error?.Code.Name);

        Assert.Equal("test", (await sender.NextAsync()).Notice.Kind);
        await UntilAsync(async () => (await host.Engine.Webhooks.DeliveriesAsync(host.Owner, room: null, made.Info.Id, Cancel)).Value is [{ State: WebhookDeliveryState.Failed, Result: "answered 404" }]);
    }

    [Theory]
    [InlineData(1, null, 5)]
    [InlineData(2, null, 30)]
    [InlineData(2, 20, 30)]
    [InlineData(2, 90, 90)]
    [InlineData(2, 100_000, 3600)]
    [InlineData(7, null, 6 * 3600)]
    [InlineData(7, 7200, 6 * 3600)]
    public void Retry_AfterEachAttempt_WaitsLonger(int attempts, int? asked, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), WebhookRetries.After(attempts, asked is { } given ? TimeSpan.FromSeconds(given) : null));

    [Fact]
    public void Retry_AfterTheLastAttempt_IsNone() => Assert.Null(WebhookRetries.After(WebhookRetries.Max, TimeSpan.FromSeconds(1)));

    [Fact]
    public async Task Webhooks_OfOneUserInManyRooms_AreBounded()
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender());
        foreach (var room in Enumerable.Range(0, WebhookStore.MaxMade / WebhookStore.Max))
        {
            await host.RoomAsync($"r{room}");
            foreach (var _ in Enumerable.Range(0, WebhookStore.Max))
            {
                Assert.Null((await host.Engine.Webhooks.CreateAsync(host.Owner, $"r{room}", s_request with { Kinds = [WebhookKind.Decision] }, Cancel)).Error);
            }
        }

        await host.RoomAsync("one-more");
        Assert.Equal("A user makes at most 50 webhooks, of all rooms together.", (await host.Engine.Webhooks.CreateAsync(host.Owner, "one-more", s_request, Cancel)).Error?.Message);
        Assert.Equal("invalid_parameter", (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Error?.Code.Name);
        Assert.Null((await host.Engine.Webhooks.CreateAsync(await host.UserAsync("ben", "rooms:*"), room: null, s_request, Cancel)).Error);
    }

    [Fact]
    public async Task Due_OfAUserWithMuchWaiting_HidesNobodyElses()
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender { GateOf = static _ => Task.Delay(Timeout.Infinite, Cancel) });
        var ben = await host.UserAsync("ben", "rooms:*");
        foreach (var _ in Enumerable.Range(0, 10))
        {
            await QueueAsync(host, (await host.Engine.Webhooks.CreateAsync(ben, room: null, s_request, Cancel)).Value.Info.Id, 100);
        }

        var mine = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Value.Info.Id;
        await QueueAsync(host, mine, 1);

        var due = await host.Engine.Database.Webhooks.DueAsync(DateTimeOffset.MaxValue, ofUser: 4, limit: 200, Cancel);

        Assert.Equal(5, due.Select(static delivery => delivery.Webhook.Id).Distinct().Count());
        Assert.Contains(mine, due.Select(static delivery => delivery.Webhook.Id));
    }

    [Fact]
    public async Task Messages_OfUsersWhoseReceiversAreSlow_HoldUpNobodyElses()
    {
        await using var host = await StartAsync();
        var released = new SemaphoreSlim(0);
        var sender = new RecordingSender { GateOf = message => message.Url.Contains("slow", StringComparison.Ordinal) ? released.WaitAsync(Cancel) : Task.CompletedTask };
        host.Engine.Webhooks.Start(sender);
        foreach (var name in new[] { "ben", "cleo", "dan", "eva" })
        {
            var user = await host.UserAsync(name, "rooms:*");
            foreach (var _ in Enumerable.Range(0, 3))
            {
                var made = (await host.Engine.Webhooks.CreateAsync(user, room: null, s_request with { Url = "https://slow.example/" + name }, Cancel)).Value.Info.Id;
                await QueueAsync(host, made, 5);
                Assert.Null((await host.Engine.Webhooks.TestAsync(user, room: null, made, Cancel)).Error);
            }
        }

        // All places are taken, and much waits behind; one comes free.
        foreach (var _ in Enumerable.Range(0, 8))
        {
            Assert.Contains("slow", (await sender.NextAsync()).Url, StringComparison.Ordinal);
        }

        var mine = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request with { Url = "https://quick.example/" }, Cancel)).Value.Info.Id;
        Assert.Null((await host.Engine.Webhooks.TestAsync(host.Owner, room: null, mine, Cancel)).Error);
        released.Release();

        Assert.Equal("https://quick.example/", (await sender.NextAsync()).Url);
    }

    [Fact]
    public async Task Message_WhoseSendingCannotBeNoted_IsNotSentAgainAtOnce()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var sender = new RecordingSender { Answer = static message => message.Url.Contains("broken", StringComparison.Ordinal) ? throw new InvalidOperationException("Not there.") : new WebhookAttempt(IsTaken: true, "answered 200") };
        host.Engine.Webhooks.Start(sender);
        var broken = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request with { Url = "https://broken.example/" }, Cancel)).Value.Info.Id;
        Assert.Null((await host.Engine.Webhooks.TestAsync(host.Owner, room: null, broken, Cancel)).Error);
        await UntilAsync(() => Task.FromResult(sender.All.Count > 0));

        // Meanwhile others are sent, each of which looks for what is due.
        foreach (var _ in Enumerable.Range(0, 5))
        {
            var other = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request, Cancel)).Value.Info.Id;
            Assert.Null((await host.Engine.Webhooks.TestAsync(host.Owner, room: null, other, Cancel)).Error);
            await sender.NextAsync();
        }

        Assert.Single(sender.All, static message => message.Url.Contains("broken", StringComparison.Ordinal));
        sender.Answer = static _ => new WebhookAttempt(IsTaken: true, "answered 200");
        await UntilAsync(clock, TimeSpan.FromSeconds(1), async () => (await host.Engine.Webhooks.DeliveriesAsync(host.Owner, room: null, broken, Cancel)).Value is [{ State: WebhookDeliveryState.Delivered }]);
        Assert.Equal(2, sender.All.Count(static message => message.Url.Contains("broken", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("https://\u202egro.elpmaxe.evil/", "https://gro.elpmaxe.evil/")]
    [InlineData("https://b\u00fccher.example:8443/a-long-hook-path", "https://xn--bcher-kva.example:8443/\u2026path")]
    [InlineData("https://\uff11\uff12\uff17.0.0.1/", "https://xn--8g7ccp.0.0.1/")]
    [InlineData("https://[2606:4700::1111]/", "https://[2606:4700::1111]/")]
    public async Task Webhook_Listed_ShowsTheNameOfItsServerAsItIsResolved(string url, string shown)
    {
        await using var host = await StartAsync();
        host.Engine.Webhooks.Start(new RecordingSender());

        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, room: null, s_request with { Url = url }, Cancel)).Value.Info;

        Assert.StartsWith(shown, made.Address, StringComparison.Ordinal);
        Assert.All(made.Address.Replace("\u2026", "", StringComparison.Ordinal), static letter => Assert.True(char.IsAscii(letter)));
    }

    [Fact]
    public async Task Room_Deleted_TakesItsWebhooksAlong()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        host.Engine.Webhooks.Start(new RecordingSender());
        var made = (await host.Engine.Webhooks.CreateAsync(host.Owner, "r", s_request, Cancel)).Value;

        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel)).Error);

        Assert.Null(await host.Engine.Database.Webhooks.FindAsync(made.Info.Id, Cancel));
    }

    // As if the receiver had been down for a while.
    private static Task<int> QueueAsync(EngineHost host, string webhook, int count) => host.Engine.Database.ExecuteAsync(
        work => Enumerable.Range(0, count).Sum(number => work.Execute(
            "INSERT INTO webhook_deliveries (id, webhook_id, key, at_ms, body, state, attempts, queued_ms, due_ms) VALUES ($1, $2, $3, 0, $4, 'Waiting', 1, 0, 0)",
            $"{webhook}-{number}",
            webhook,
            $"test/{number}",
            Notice().Offered().Body)),
        Cancel);

    private static WebhookNotice Notice() => new() { Kind = "test", Key = "test/1", At = DateTimeOffset.UnixEpoch, Title = "A test" };

    private static Task<int> CountAsync(EngineHost host, string where) =>
        host.Engine.Database.ReadAsync(reader => reader.First($"SELECT count(*) FROM webhook_deliveries WHERE {where}", static row => row.GetInt32(0)), Cancel);

    // Time goes on until something is sent: how much of it passes between two steps does not matter.
    private static async Task<WebhookMessage> SentAsync(RecordingSender sender, FakeTimeProvider clock)
    {
        var next = sender.NextAsync();
        await UntilAsync(clock, TimeSpan.FromSeconds(1), () => Task.FromResult(next.IsCompleted));
        return await next;
    }

    private static async Task<WebhookInfo> OffAsync(EngineHost host, Caller caller, string? room, string id)
    {
        WebhookInfo? found = null;
        await UntilAsync(async () => (found = (await host.Engine.Webhooks.ListAsync(caller, room, Cancel)).Value.Single(webhook => webhook.Id == id)).OffReason is not null);
        return found!;
    }

    private static async Task<WebhookDelivery> GivenUpAsync(EngineHost host, Caller caller, string id, FakeTimeProvider clock)
    {
        WebhookDelivery? found = null;
        await UntilAsync(clock, TimeSpan.FromSeconds(1), async () => (found = (await host.Engine.Webhooks.DeliveriesAsync(caller, room: null, id, Cancel)).Value.FirstOrDefault(delivery => delivery.State == WebhookDeliveryState.Failed)) is not null);
        return found!;
    }

    private static async Task<IReadOnlyList<WebhookDelivery>> DeliveredAsync(EngineHost host, string? room, string id, int count)
    {
        IReadOnlyList<WebhookDelivery> found = [];
        await UntilAsync(async () => (found = [.. (await host.Engine.Webhooks.DeliveriesAsync(host.Owner, room, id, Cancel)).Value.Where(delivery => delivery.State == WebhookDeliveryState.Delivered)]).Count == count);
        return found;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Delay(10, Cancel);
        }
    }

    private static Task UntilAsync(FakeTimeProvider clock, TimeSpan step, Func<Task<bool>> holds)
    {
        var factor = 1;
        return UntilAsync(async () =>
        {
            if (await holds())
            {
                return true;
            }

            // Longer and longer: retries wait for hours at last.
            clock.Advance(step * factor);
            factor = Math.Min(factor * 2, 600);
            return false;
        });
    }

    private static async Task<Outcome<bool>> RunAsync(EngineHost host, string operation, Caller caller, string? room, string id)
    {
        var service = host.Engine.Webhooks;
        return operation switch
        {
            "list" => Done(await service.ListAsync(caller, room, Cancel)),
            "create" => Done(await service.CreateAsync(caller, room, s_request, Cancel)),
            "change" => Done(await service.ChangeAsync(caller, room, id, new ChangeWebhook { Label = "x" }, Cancel)),
            "remove" => Done(await service.RemoveAsync(caller, room, id, Cancel)),
            "test" => Done(await service.TestAsync(caller, room, id, Cancel)),
            _ => Done(await service.DeliveriesAsync(caller, room, id, Cancel)),
        };
    }

    private static Outcome<bool> Done<T>(Outcome<T> outcome) => outcome.Error is { } error ? error : true;
}
