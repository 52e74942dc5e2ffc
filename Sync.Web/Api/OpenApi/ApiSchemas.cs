using System.Text.Json.Nodes;

namespace Sync.Web.Api.OpenApi;

/// <summary>
/// The shapes of requests and answers, as JSON Schema 2020-12, the dialect of OpenAPI 3.1: the file beside this one. Request schemas are closed: a field they
/// do not name is refused. Answers are open: fields may be added.
/// </summary>
internal static class ApiSchemas
{
    /// <summary>All schemas by name, for the document; a new tree at each call.</summary>
    public static JsonObject All()
    {
        using var file = typeof(ApiSchemas).Assembly.GetManifestResourceStream("schemas.json")
            ?? throw new InvalidOperationException("The schemas are not in the assembly.");
        var schemas = JsonNode.Parse(file)!.AsObject(); // An object.
        var wait = schemas["Wait"]!["properties"]!.AsObject(); // It stands there.
        foreach (var parameter in Sync.Web.Http.Requests.ContextParameters.All)
        {
            wait[parameter.Name] = new JsonObject { ["type"] = parameter.Type, ["description"] = parameter.Description };
        }

        return schemas;
    }
}
