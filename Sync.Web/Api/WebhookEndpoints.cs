using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Webhooks;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Webhooks, of the caller's inbox (<c>/webhooks</c>) and of a room (<c>/rooms/{room}/webhooks</c>): the same operations on both.</summary>
internal static class WebhookEndpoints
{
    private static readonly string[] s_createFields = ["url", "format", "kinds", "label"];
    private static readonly string[] s_changeFields = ["label", "kinds", "on"];

    public static ImmutableArray<ApiEndpoint> All { get; } = [.. Of(ofRoom: false), .. Of(ofRoom: true)];

    private static ApiEndpoint[] Of(bool ofRoom)
    {
        var (path, room, whose) = ofRoom ? ("/rooms/{room}/webhooks", "Room", "a room's") : ("/webhooks", "", "your inbox's");
        var denied = ofRoom ? ErrorCode.ReadOnlyToken : ErrorCode.IdentityMismatch;
        return
        [
            new()
            {
                Method = "GET", Pattern = path, Name = $"list{room}Webhooks", Group = "Webhooks",
                Summary = $"List {whose} webhooks, oldest first",
                Query = ListPage.Query, Answer = "WebhookList",
                Errors = [denied],
                Handle = call => ListAsync(call, ofRoom),
            },
            new()
            {
                Method = "POST", Pattern = path, Name = $"create{room}Webhook", Group = "Webhooks",
                Summary = $"Have {whose} news sent to another server",
                Description = "`secret` is shown this once; it signs what is sent, as Standard Webhooks describes. The webhook reads with the rights of whoever makes it, and ends with the token that does.",
                Body = "CreateWebhook", Success = StatusCodes.Status201Created, Answer = "Webhook",
                Errors = [denied, ErrorCode.MissingParam, ErrorCode.Unavailable],
                Handle = call => CreateAsync(call, ofRoom),
            },
            new()
            {
                Method = "PATCH", Pattern = path + "/{id}", Name = $"change{room}Webhook", Group = "Webhooks",
                Summary = $"Change what one of {whose} webhooks is called and tells of, or turn it on or off",
                Body = "ChangeWebhook", Answer = "Webhook",
                Errors = [denied, ErrorCode.NotFound],
                Handle = call => ChangeAsync(call, ofRoom),
            },
            new()
            {
                Method = "DELETE", Pattern = path + "/{id}", Name = $"remove{room}Webhook", Group = "Webhooks",
                Summary = $"Remove one of {whose} webhooks with what waits",
                Answer = "WebhookRemoved",
                Errors = [denied, ErrorCode.NotFound],
                Handle = call => RemoveAsync(call, ofRoom),
            },
            new()
            {
                Method = "POST", Pattern = path + "/{id}/test", Name = $"test{room}Webhook", Group = "Webhooks",
                Summary = $"Send a message by one of {whose} webhooks now, once, also while it is off",
                Description = "What came of it stands among the webhook's deliveries a moment later.",
                Success = StatusCodes.Status202Accepted, Answer = "WebhookTested",
                Errors = [denied, ErrorCode.NotFound, ErrorCode.RateLimited, ErrorCode.Unavailable],
                Handle = call => TestAsync(call, ofRoom),
            },
            new()
            {
                Method = "GET", Pattern = path + "/{id}/deliveries", Name = $"list{room}WebhookDeliveries", Group = "Webhooks",
                Summary = $"List the last messages of one of {whose} webhooks, the newest first",
                Query = ListPage.Query, Answer = "WebhookDeliveryList",
                Errors = [denied, ErrorCode.NotFound],
                Handle = call => DeliveriesAsync(call, ofRoom),
            },
        ];
    }

    private static string? RoomOf(ApiCall call, bool ofRoom) => ofRoom ? call.Room : null;

    private static string IdOf(ApiCall call, bool ofRoom) => call.Path(ofRoom ? 1 : 0);

    private static async Task<Outcome<ApiAnswer>> ListAsync(ApiCall call, bool ofRoom) =>
        (await call.Engine.Webhooks.ListAsync(call.Caller, RoomOf(call, ofRoom), call.Aborted)).Try(out var webhooks, out var error)
            ? ListPage.Of(call, "webhooks", webhooks, static webhook => webhook.Id, WebhookJson.Of, WebhookJsonContext.Default.WebhookJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> CreateAsync(ApiCall call, bool ofRoom)
    {
        // Who may not is told so, and not what is wrong with the body.
        if ((await call.Engine.Webhooks.ListAsync(call.Caller, RoomOf(call, ofRoom), call.Aborted)).Error is { } denied)
        {
            return denied;
        }

        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_createFields)) is not null
            || !Refusals.Text(body, "url").Try(out var url, out error)
            || !Refusals.Text(body, "format").Try(out var word, out error)
            || !Refusals.Text(body, "label").Try(out var label, out error)
            || !Kinds(body, ofRoom).Try(out var kinds, out error))
        {
            return error;
        }

        if (url is null)
        {
            return Refusals.Missing("url", """{"url":"https://ntfy.sh/my-topic","format":"ntfy"}""");
        }

        if (WebhookJson.FormatOf(word ?? "json") is not { } format)
        {
            return Refusals.Parameter("format", "'format' must be json, slack, discord or ntfy.");
        }

        return (await call.Engine.Webhooks.CreateAsync(call.Caller, RoomOf(call, ofRoom), new CreateWebhook { Url = url, Format = format, Kinds = kinds, Label = label }, call.Aborted)).Try(out var made, out error)
            ? ApiAnswer.Of(WebhookJson.Of(made.Info) with { Secret = made.Secret }, WebhookJsonContext.Default.WebhookJson, StatusCodes.Status201Created)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> ChangeAsync(ApiCall call, bool ofRoom)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_changeFields)) is not null
            || !Refusals.Text(body, "label").Try(out var label, out error)
            || !Refusals.Switch(body, "on").Try(out var on, out error)
            || !Kinds(body, ofRoom).Try(out var kinds, out error))
        {
            return error;
        }

        return (await call.Engine.Webhooks.ChangeAsync(call.Caller, RoomOf(call, ofRoom), IdOf(call, ofRoom), new ChangeWebhook { Label = label, Kinds = kinds, IsOn = on }, call.Aborted)).Try(out var changed, out error)
            ? ApiAnswer.Of(WebhookJson.Of(changed), WebhookJsonContext.Default.WebhookJson)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> RemoveAsync(ApiCall call, bool ofRoom) =>
        (await call.Engine.Webhooks.RemoveAsync(call.Caller, RoomOf(call, ofRoom), IdOf(call, ofRoom), call.Aborted)).Try(out var removed, out var error)
            ? ApiAnswer.Of(new WebhookRemovedJson(Removed: true, removed.Id), WebhookJsonContext.Default.WebhookRemovedJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> TestAsync(ApiCall call, bool ofRoom) =>
        (await call.Engine.Webhooks.TestAsync(call.Caller, RoomOf(call, ofRoom), IdOf(call, ofRoom), call.Aborted)).Try(out var tested, out var error)
            ? ApiAnswer.Of(new WebhookTestedJson(Queued: true, tested.Id), WebhookJsonContext.Default.WebhookTestedJson, StatusCodes.Status202Accepted)
            : error;

    private static async Task<Outcome<ApiAnswer>> DeliveriesAsync(ApiCall call, bool ofRoom) =>
        (await call.Engine.Webhooks.DeliveriesAsync(call.Caller, RoomOf(call, ofRoom), IdOf(call, ofRoom), call.Aborted)).Try(out var deliveries, out var error)
            ? ListPage.Of(call, "deliveries", deliveries, static delivery => delivery.Id, WebhookDeliveryJson.Of, WebhookJsonContext.Default.WebhookDeliveryJson)
            : error;

    private static Outcome<ImmutableArray<WebhookKind>?> Kinds(JsonElement body, bool ofRoom)
    {
        if (!body.TryGetProperty("kinds", out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return default(Outcome<ImmutableArray<WebhookKind>?>);
        }

        var known = ofRoom ? WebhookKinds.OfRooms : WebhookKinds.OfUsers;
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
        {
            var kinds = list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? WebhookKinds.Find(known, item.GetString()!) : null).ToList(); // It is a string.
            if (!kinds.Contains(null))
            {
                return (ImmutableArray<WebhookKind>?)[.. kinds.OfType<WebhookKind>().Distinct()];
            }
        }

        return Refusals.Parameter("kinds", $"'kinds' must be a list of {string.Join(", ", known.Select(static kind => kind.Name()))}.");
    }
}
