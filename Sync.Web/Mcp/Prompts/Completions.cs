using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine;
using Sync.Web.Mcp.Resources;

namespace Sync.Web.Mcp.Prompts;

/// <summary>Completes arguments of prompts and resource addresses: rooms, roles, actions, help keys. Of what the caller may not see nothing is offered.</summary>
internal static class Completions
{
    private const int Most = 100;

    public static async ValueTask<CompleteResult> CompleteAsync(RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, _) = RoomResources.Asked(request);
        var argument = request.Params.Argument;
        string? room = null;
        request.Params.Context?.Arguments?.TryGetValue("room", out room);
        var isOurs = request.Params.Ref switch
        {
            PromptReference prompt => RoomPrompt.All.Any(ours => ours.ProtocolPrompt.Name == prompt.Name),
            ResourceTemplateReference template => template.Uri?.StartsWith("sync://", StringComparison.Ordinal) == true,
            _ => false,
        };
        IEnumerable<string> names = !isOurs ? [] : argument.Name switch
        {
            "room" => services.Engine.Rooms.List(caller).Try(out var rooms, out _) ? rooms.Select(info => info.Id) : [],
            "role" when room is not null => await RolesAsync(services.Engine, caller, room, cancellationToken),
            "action" when room is not null => await KeysAsync(services.Engine, caller, room, "actions", cancellationToken),
            "key" => await HelpKeysAsync(services.Engine, caller, room, cancellationToken),
            _ => [],
        };
        var fitting = names.Where(name => name.StartsWith(argument.Value ?? "", StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal).ToList();
        return new CompleteResult { Completion = new Completion { Values = [.. fitting.Take(Most)], Total = fitting.Count, HasMore = fitting.Count > Most } };
    }

    private static async Task<IEnumerable<string>> KeysAsync(SyncEngine engine, Caller caller, string room, string section, CancellationToken cancellationToken) =>
        await SectionAsync(engine, caller, room, section, cancellationToken) is { ValueKind: JsonValueKind.Object } found ? found.EnumerateObject().Select(item => item.Name) : [];

    private static async Task<IEnumerable<string>> RolesAsync(SyncEngine engine, Caller caller, string room, CancellationToken cancellationToken) =>
        await SectionAsync(engine, caller, room, "agents", cancellationToken) is { ValueKind: JsonValueKind.Object } agents
            ? agents.EnumerateObject().Select(agent => agent.Value.GetProperty("role").GetString() ?? "")
            : [];

    private static async Task<JsonElement> SectionAsync(SyncEngine engine, Caller caller, string room, string section, CancellationToken cancellationToken) =>
        (await engine.Context.ReadAsync(caller, room, ContextShape.Default with { Sections = [section], Peek = true }, cancellationToken)).Try(out var json, out _)
            ? JsonElement.Parse(json.Span).GetProperty(section)
            : default;

    private static async Task<IEnumerable<string>> HelpKeysAsync(SyncEngine engine, Caller caller, string? room, CancellationToken cancellationToken) =>
        (await engine.Context.HelpAsync(caller, room, key: null, cancellationToken)).Try(out var help, out _) ? help.Keys : [];
}
