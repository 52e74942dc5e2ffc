using System.Collections.Immutable;
using Sync.Engine;
using Sync.Web.Api.Answers;

namespace Sync.Web.Api.Operations;

/// <summary>What there was once.</summary>
internal static class VaultOperations
{
    private static readonly SyncError s_gone = new(ErrorCode.VaultDeprecated, "The vault is gone.")
    {
        Hint = "Mint scoped tokens instead; keep secrets outside of rooms.",
    };

    public static ImmutableArray<ApiOperation> All { get; } =
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
