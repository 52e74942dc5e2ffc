using Sync.Engine.Identity;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Demo;

/// <summary>A reader's watch of the demo room.</summary>
/// <param name="Watch">The engine's watch.</param>
/// <param name="Reader">Who reads: the demo's audience.</param>
/// <param name="Audience">The place in the audience, given back when it is disposed.</param>
internal sealed record DemoWatch(RoomWatch Watch, Caller Reader, IDisposable Audience);
