using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Inbox;

/// <summary>A question or a message that names the person's agent, and the reply to it.</summary>
public sealed partial class MessageItem
{
    private MudTextField<string>? _field;
    private string _reply = "";
    private SyncError? _refused;

    /// <summary>What was said.</summary>
    [Parameter, EditorRequired]
    public required InboxItem Item { get; set; }

    /// <summary>Whether it waits no more.</summary>
    [Parameter]
    public bool IsDone { get; set; }

    /// <summary>The person has replied.</summary>
    [Parameter]
    public EventCallback<InboxItem> Replied { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private InboxState State { get; set; } = null!;

    /// <summary>Takes the person to the reply.</summary>
    public async Task FocusAsync()
    {
        if (_field is not null)
        {
            await _field.FocusAsync();
        }
    }

    private Task SendAsync() => AskAsync(async () =>
    {
        if (string.IsNullOrWhiteSpace(_reply) || Item.From is not { } from)
        {
            return;
        }

        var message = new JsonObject { ["body"] = _reply.Trim(), ["to"] = new JsonArray(from), ["reply_to"] = Item.Message };
        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(message) };
        if ((await Engine.Actions.InvokeAsync(await State.CallerAsync(), Item.Room, "_send_message", request, Gone)).Try(out _, out _refused))
        {
            _reply = "";
            await Replied.InvokeAsync(Item);
        }
    });
}
