using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>Where a person writes to the room. What is typed is kept by the browser too, so a page that had to be loaded again still has it.</summary>
public sealed partial class MessageComposer
{
    private const int MaxKinds = 20;
    private const int MaxQuote = 160;

    private static int s_composers;

    private readonly string _directId = $"direct-{Interlocked.Increment(ref s_composers)}";
    private readonly MessageDraft _draft = new();
    private ElementReference _body;
    private bool _otherKind;
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

    private IEnumerable<string> Kinds => ((string[])["chat", "question", "task"]).Concat(Model.Messages.Select(message => message.Kind)).Distinct(StringComparer.Ordinal).Take(MaxKinds);

    /// <summary>Begins an answer: it goes to whoever said that, unless others are named.</summary>
    public async Task AnswerAsync(MessageModel message)
    {
        _draft.Answers = message;
        StateHasChanged();
        try
        {
            await _body.FocusAsync();
        }
        catch (Exception gone) when (gone is JSException or JSDisconnectedException or InvalidOperationException)
        {
            // Nobody writes here any more.
        }
    }

    private void Direct(string? agent) => _draft.Direct(agent ?? "");

    private Task<IEnumerable<string>> FindAsync(string? text, CancellationToken cancellationToken) => Task.FromResult(Model.Agents
        .Where(agent => !_draft.To.Contains(agent.Id)
            && (string.IsNullOrWhiteSpace(text) || agent.Id.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase) || agent.Name.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase)))
        .Select(static agent => agent.Id));

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
