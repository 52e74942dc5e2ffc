using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>Where a person writes to the room. What is typed is kept by the browser too, so a page that had to be loaded again still has it.</summary>
public sealed partial class MessageComposer
{
    private static int s_composers;

    private readonly string _kindsId = $"kinds-{Interlocked.Increment(ref s_composers)}";
    private readonly MessageDraft _draft = new();
    private SyncError? _refusal;

    /// <summary>The kind to begin with.</summary>
    [Parameter]
    public string Kind { get; set; } = "chat";

    /// <summary>In a surface: only the text.</summary>
    [Parameter]
    public bool Compact { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter]
    public string Label { get; set; } = "Write a message";

    /// <summary>Told after a message was sent.</summary>
    [Parameter]
    public EventCallback Sent { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized() => _draft.Kind = Kind;

    private void Direct(ChangeEventArgs args) => _draft.Direct(args.Value as string ?? "");

    private Task SendAsync() => AskAsync(async () =>
    {
        _refusal = null;
        if (Viewer is not null && !_draft.IsEmpty && (await Viewer.InvokeAsync("_send_message", _draft.Read(), preview: false, Model, Gone)).Try(out _, out _refusal))
        {
            _draft.Sent();
            await Sent.InvokeAsync();
        }
    });
}
