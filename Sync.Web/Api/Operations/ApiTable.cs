using System.Collections.Immutable;
using Sync.Web.Api.OpenApi;
using Sync.Web.Docs;

namespace Sync.Web.Api.Operations;

/// <summary>Every operation the API has.</summary>
internal static class ApiTable
{
    public static ImmutableArray<ApiOperation> All { get; } =
    [
        .. RoomOperations.All,
        .. MemberOperations.All,
        .. TokenOperations.All,
        .. RoomTokenOperations.All,
        .. DeviceOperations.All,
        .. AgentOperations.All,
        .. ActionOperations.All,
        .. ReadOperations.All,
        .. EventOperations.All,
        .. HistoryOperations.All,
        .. HealthOperations.All,
        .. OpenApiOperations.All,
        .. DocsOperations.All,
        .. VaultOperations.All,
    ];
}
