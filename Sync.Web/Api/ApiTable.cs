using System.Collections.Immutable;
using Sync.Web.Api.OpenApi;
using Sync.Web.Docs;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Api;

/// <summary>Every operation the API has.</summary>
internal static class ApiTable
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        .. RoomEndpoints.All,
        .. MemberEndpoints.All,
        .. TokenEndpoints.All,
        .. RoomTokenEndpoints.All,
        .. DeviceEndpoints.All,
        .. AgentEndpoints.All,
        .. ActionEndpoints.All,
        .. ApprovalEndpoints.All,
        .. InboxEndpoints.All,
        .. ReadEndpoints.All,
        .. EventEndpoints.All,
        .. HistoryEndpoints.All,
        .. WebhookEndpoints.All,
        .. HealthEndpoints.All,
        .. OpenApiEndpoints.All,
        .. DocsEndpoints.All,
        .. VaultEndpoints.All,
    ];
}
