using Sync.Engine.Identity.Sessions;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Identity;

/// <summary>
/// Who sends a command: ids and levels, nothing live. What it may do is worked out from the token and the role of the moment in which the command is decided; what a client session has
/// chosen is that of the moment in which it was sent, for the session may be of another process.
/// </summary>
/// <param name="Token">The token's id; null for nobody and for the server's own parts.</param>
/// <param name="System">The name of the part of the server, or null.</param>
/// <param name="SystemLevel">What that part may do in every room.</param>
/// <param name="Session">The client session, or null outside of one.</param>
internal sealed record CallerIdentity(string? Token, string? System, AccessLevel SystemLevel, SentSession? Session);
