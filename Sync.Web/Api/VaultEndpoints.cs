using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Api;

/// <summary>Endpoints of earlier versions that are gone.</summary>
internal static class VaultEndpoints
{
    private static readonly SyncError s_gone = new(ErrorCode.VaultDeprecated, "The vault is gone.")
    {
        Hint = "Mint scoped tokens instead; keep secrets outside of rooms.",
    };

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = null, Pattern = "/vault/{**rest}", Name = "vault", Group = "Server",
            Summary = "Gone",
            Authentication = Authentication.None,
            Success = StatusCodes.Status410Gone,
            Handle = static _ => Task.FromResult<Outcome<ApiAnswer>>(s_gone),
        },
    ];
}
