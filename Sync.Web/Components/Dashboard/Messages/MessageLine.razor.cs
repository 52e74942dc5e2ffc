using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>One message.</summary>
public sealed partial class MessageLine : ComponentBase
{
    private const int MaxNamed = 20;
    private const int MaxQuote = 120;

    private (MessageModel? Message, bool IsPointedAt, MessageModel? Answered) _drawn;

    /// <summary>The message; messages never change.</summary>
    [Parameter, EditorRequired]
    public required MessageModel Message { get; set; }

    /// <summary>Whether it is addressed to who reads the page.</summary>
    [Parameter]
    public bool IsForReader { get; set; }

    /// <summary>Whether the address points at it.</summary>
    [Parameter]
    public bool IsPointedAt { get; set; }

    /// <summary>The message it answers, where it is known.</summary>
    [Parameter]
    public MessageModel? Answered { get; set; }

    /// <summary>The room, where messages have addresses.</summary>
    [Parameter]
    public string? Room { get; set; }

    /// <summary>Begins an answer to it; without it none is offered.</summary>
    [Parameter]
    public EventCallback<MessageModel> Reply { get; set; }

    /// <summary>Goes to a message.</summary>
    [Parameter]
    public EventCallback<long> PointAt { get; set; }

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var now = (Message, IsPointedAt, Answered);
        var should = !ReferenceEquals(_drawn.Message, Message) || _drawn.IsPointedAt != IsPointedAt || !ReferenceEquals(_drawn.Answered, Answered);
        _drawn = now;
        return should;
    }

    private string Quoted(long answered) => Answered is { } said ? $"{said.From}: {Clip.Text(said.Body, MaxQuote)}" : $"answers message {answered:N0}";
}
