using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>One message.</summary>
public sealed partial class MessageLine : ComponentBase
{
    private const int MaxNamed = 20;

    private MessageModel? _drawn;

    /// <summary>The message; messages never change.</summary>
    [Parameter, EditorRequired]
    public required MessageModel Message { get; set; }

    /// <summary>Whether it is addressed to who reads the page.</summary>
    [Parameter]
    public bool IsForReader { get; set; }

    /// <inheritdoc/>
    protected override bool ShouldRender()
    {
        var should = !ReferenceEquals(_drawn, Message);
        _drawn = Message;
        return should;
    }
}
