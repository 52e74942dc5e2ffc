using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Answers;

/// <summary>The link that shows a room to whoever has it: the room's page, the token behind the <c>#</c>, which no browser sends and no server logs.</summary>
internal static class ShareLink
{
    /// <summary>The link with its secret.</summary>
    public static string Of(string publicUrl, string room, string secret) => $"{publicUrl}{StepPages.PathOf(NextStep.OpenRoom(room))}#token={Uri.EscapeDataString(secret)}";
}
