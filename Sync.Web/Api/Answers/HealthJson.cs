namespace Sync.Web.Api.Answers;

internal sealed record HealthJson(string Status, string Version);
