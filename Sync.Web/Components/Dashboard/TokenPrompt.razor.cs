using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Dashboard;

/// <summary>Asks for a room's token.</summary>
public sealed partial class TokenPrompt
{
    private string? _token;

    /// <summary>The room's id.</summary>
    [Parameter, EditorRequired]
    public required string Room { get; set; }

    /// <summary>Why the last token did not open it.</summary>
    [Parameter]
    public SyncError? Refusal { get; set; }

    /// <summary>Whether a token was tried at all.</summary>
    [Parameter]
    public bool WasRefused { get; set; }

    /// <summary>Takes the token.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> Present { get; set; }

    /// <summary>The signed-in person has joined the room: it opens without a token.</summary>
    [Parameter, EditorRequired]
    public EventCallback Joined { get; set; }

    private Task SubmitAsync() => string.IsNullOrWhiteSpace(_token) ? Task.CompletedTask : Present.InvokeAsync(_token.Trim());
}
