using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.FirstTry;

/// <summary>What came back: whether the call was accepted, and the text that a model reads.</summary>
internal sealed record Reply(bool IsAccepted, string Text)
{
    private JsonElement Json => Text.StartsWith('{') ? JsonElement.Parse(Text) : default;

    /// <summary>What advises: of a refusal its hint and what it lists, of an answer the hints of its warnings.</summary>
    public string Advice => IsAccepted ? string.Join(' ', Warnings("hint")) : $"{TextOf("hint")} {TextOf("endpoints")} {TextOf("did_you_mean")}";

    /// <summary>The sentence of a refusal, or those of the warnings.</summary>
    public string Message => IsAccepted ? string.Join(' ', Warnings("message")) : TextOf("message");

    public string? Suggestion => Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("did_you_mean", out var name) ? name.GetString() : null;

    private IEnumerable<string> Warnings(string field) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("warnings", out var warnings) && warnings.ValueKind == JsonValueKind.Array
            ? warnings.EnumerateArray().Where(static warning => warning.ValueKind == JsonValueKind.Object).Select(warning => warning.TryGetProperty(field, out var text) ? text.GetString() : null).OfType<string>()
            : [];

    private string TextOf(string name) =>
        Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText() : ""; // It is a text.
}

/// <summary>Somebody who never saw the server, at one of its doors.</summary>
internal abstract class Newcomer : IAsyncDisposable
{
    /// <summary>Sends one line: what to call, and what with.</summary>
    public abstract Task<Reply> SendAsync(string step);

    /// <summary>The calls that a text names, as lines that can be sent.</summary>
    public abstract IEnumerable<string> CallsIn(string text);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected static (string Target, string Body) Split(string step)
    {
        var brace = step.IndexOf(" {", StringComparison.Ordinal);
        return brace < 0 ? (step.Trim(), "{}") : (step[..brace].Trim(), step[(brace + 1)..]);
    }
}

/// <summary>Over HTTP, with a user's token.</summary>
internal sealed class HttpNewcomer(ApiClient client) : Newcomer
{
    public override async Task<Reply> SendAsync(string step)
    {
        var (target, body) = Split(step);
        var parts = target.Split(' ', 2);
        using var content = parts[0] is "GET" or "DELETE" ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var reply = await client.SendAsync(new HttpMethod(parts[0]), parts[1], content);
        return new Reply(reply.Status < 400, reply.Text);
    }

    public override IEnumerable<string> CallsIn(string text) =>
        Surfaces.Calls.InHttp(text).Select(call => $"{call.Method} {call.Path}{(call.Body is { } body ? " " + body.GetRawText() : "")}");
}

/// <summary>Over MCP, with the same token.</summary>
internal sealed class McpNewcomer(McpConnection connection) : Newcomer
{
    public override async Task<Reply> SendAsync(string step)
    {
        var (tool, arguments) = Split(step);
        var sent = JsonElement.Parse(arguments).EnumerateObject().ToDictionary(argument => argument.Name, argument => (object?)argument.Value.Clone());
        try
        {
            var result = await connection.CallAsync(tool, sent);
            return new Reply(result.IsError is not true, McpConnection.Text(result));
        }
        catch (ModelContextProtocol.McpException refused)
        {
            return new Reply(false, JsonSerializer.Serialize(new { message = refused.Message, hint = refused.Message }));
        }
    }

    public override IEnumerable<string> CallsIn(string text) =>
        Surfaces.Calls.ToolsIn(text).Select(call => $"{call.Tool} {call.Arguments?.GetRawText() ?? "{}"}");

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}
