namespace Sync.Web.Http.Answers;

internal sealed record HealthJson(string Status, string Version);
