using Microsoft.Extensions.Logging;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Runtime;

namespace Sync.Engine.Services.Inbox;

/// <summary>What all inboxes are made of.</summary>
/// <param name="Directory">The rooms.</param>
/// <param name="Reader">Finds what waits in one.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where failures are logged.</param>
/// <param name="Health">Where they are reported.</param>
internal sealed record InboxSources(RoomDirectory Directory, RoomInboxReader Reader, TimeProvider Time, ILogger Logger, HealthRegistry Health);
