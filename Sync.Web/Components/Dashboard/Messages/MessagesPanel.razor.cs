using System.Collections.Immutable;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Messages;

/// <summary>What was said, newest last.</summary>
public sealed partial class MessagesPanel
{
    /// <summary>Rows of different heights cannot be virtualised without jumping under the reader; the last of them are enough for a panel.</summary>
    private const int Most = 100;

    private ImmutableArray<MessagePicture> Shown => Picture.Messages.Length <= Most ? Picture.Messages : Picture.Messages[^Most..];

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Messages == now.Messages && drawn.MessageCount == now.MessageCount;
}
