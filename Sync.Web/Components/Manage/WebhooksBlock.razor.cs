using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Services.Webhooks;

namespace Sync.Web.Components.Manage;

/// <summary>The webhooks of a room, or of the person's inbox.</summary>
public sealed partial class WebhooksBlock
{
    private readonly string _id = "webhooks";
    private IReadOnlyList<WebhookInfo> _webhooks = [];
    private IReadOnlyList<WebhookDelivery> _deliveries = [];
    private HashSet<WebhookKind> _kinds = [];
    private WebhookMade? _made;
    private string? _shown;
    private bool _loaded;
    private bool _making;
    private WebhookFormat _format = WebhookFormat.Slack;
    private string _label = "";
    private string _url = "";

    /// <summary>The room; null for the inbox.</summary>
    [Parameter]
    public string? Room { get; set; }

    private ImmutableArray<WebhookKind> All => Room is null ? WebhookKinds.OfUsers : WebhookKinds.OfRooms;

    private protected override async Task LoadAsync()
    {
        if (_kinds.Count == 0)
        {
            _kinds = [.. Room is null ? WebhookKinds.OfUsers : WebhookKinds.OfRoomsUsually];
        }

        await AskAsync("list", (caller, cancellationToken) => Engine.Webhooks.ListAsync(caller, Room, cancellationToken), webhooks => (_webhooks, _loaded) = (webhooks, true));
    }

    private static string NameOf(WebhookInfo webhook) => webhook.Label ?? $"{WebhookWords.Of(webhook.Format)} {webhook.Address}";

    private void Choose(WebhookKind kind, bool chosen)
    {
        if (chosen)
        {
            _kinds.Add(kind);
        }
        else
        {
            _kinds.Remove(kind);
        }
    }

    private async Task MakeAsync()
    {
        var request = new CreateWebhook { Url = _url.Trim(), Format = _format, Kinds = [.. All.Where(_kinds.Contains)], Label = _label.Trim() is { Length: > 0 } label ? label : null };
        if (await AskAsync("make", (caller, cancellationToken) => Engine.Webhooks.CreateAsync(caller, Room, request, cancellationToken), made => _made = made))
        {
            (_making, _url, _label) = (false, "", "");
            await LoadAsync();
        }
    }

    private async Task TestAsync(WebhookInfo webhook)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Webhooks.TestAsync(caller, Room, webhook.Id, cancellationToken)))
        {
            _shown = webhook.Id;
            await FollowAsync(webhook.Id);
        }
    }

    // Somebody waits for what comes of it; the sender gives up after ten seconds.
    private async Task FollowAsync(string id)
    {
        for (var second = 0; second < 12 && _shown == id; second++)
        {
            await ReadAsync(id);
            StateHasChanged();
            if (_deliveries.Count > 0 && _deliveries[0].State != WebhookDeliveryState.Waiting)
            {
                return;
            }

            try
            {
                await Task.Delay(TimeSpan.FromSeconds(1), Time, Gone);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ShowAsync(WebhookInfo webhook)
    {
        _shown = _shown == webhook.Id ? null : webhook.Id;
        if (_shown is { } id)
        {
            await ReadAsync(id);
        }
    }

    private Task<bool> ReadAsync(string id) =>
        AskAsync("list", (caller, cancellationToken) => Engine.Webhooks.DeliveriesAsync(caller, Room, id, cancellationToken), deliveries => _deliveries = deliveries);

    private async Task TurnAsync(WebhookInfo webhook)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Webhooks.ChangeAsync(caller, Room, webhook.Id, new ChangeWebhook { IsOn = webhook.OffReason is not null }, cancellationToken)))
        {
            await LoadAsync();
        }
    }

    private async Task RemoveAsync(WebhookInfo webhook)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Webhooks.RemoveAsync(caller, Room, webhook.Id, cancellationToken)))
        {
            _made = _made?.Info.Id == webhook.Id ? null : _made;
            await LoadAsync();
        }
    }
}
