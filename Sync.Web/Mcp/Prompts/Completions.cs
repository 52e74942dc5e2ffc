using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Identity;
using Sync.Engine.Services;
using Sync.Web.Mcp.Resources;

namespace Sync.Web.Mcp.Prompts;

/// <summary>Completes arguments of prompts and resource addresses: rooms, roles, actions, help keys. Of what the caller may not see nothing is offered.</summary>
internal static class Completions
{
    private const int Max = 100;

    public static async ValueTask<CompleteResult> CompleteAsync(RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken)
    {
        var (caller, services, _) = RoomResources.Requested(request);
        var argument = request.Params.Argument;
        string? room = null;
        request.Params.Context?.Arguments?.TryGetValue("room", out room);
        var isOurs = request.Params.Ref switch
        {
            PromptReference prompt => RoomPrompt.All.Any(ours => ours.ProtocolPrompt.Name == prompt.Name),
            ResourceTemplateReference template => template.Uri?.StartsWith("sync://", StringComparison.Ordinal) == true,
            _ => false,
        };
        if (isOurs && argument.Name == "room")
        {
            return Rooms(services.Engine, caller, argument.Value ?? "");
        }

        IEnumerable<string> names = !isOurs ? [] : argument.Name switch
        {
            "role" when room is not null => (await services.Engine.Context.NamesAsync(caller, room, cancellationToken)).Try(out var known, out _) ? known.Roles : [],
            "action" when room is not null => (await services.Engine.Context.NamesAsync(caller, room, cancellationToken)).Try(out var known, out _) ? known.Actions : [],
            "key" => await HelpKeysAsync(services.Engine, caller, room, cancellationToken),
            _ => [],
        };
        var fitting = names.Where(name => name.StartsWith(argument.Value ?? "", StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal).ToList();
        return new CompleteResult { Completion = new Completion { Values = [.. fitting.Take(Max)], Total = fitting.Count, HasMore = fitting.Count > Max } };
    }

    // How many fit in all is left unsaid where there are more: that would be a look at every room.
    private static CompleteResult Rooms(SyncEngine engine, Caller caller, string prefix) =>
        engine.Rooms.BeginningWith(caller, prefix, Max).Try(out var found, out _)
            ? new CompleteResult { Completion = new Completion { Values = [.. found.Rooms.Select(static room => room.Id)], Total = found.HasMore ? null : found.Rooms.Count, HasMore = found.HasMore } }
            : new CompleteResult { Completion = new Completion { Values = [], Total = 0, HasMore = false } };

    private static async Task<IEnumerable<string>> HelpKeysAsync(SyncEngine engine, Caller caller, string? room, CancellationToken cancellationToken) =>
        (await engine.Context.HelpAsync(caller, room, key: null, cancellationToken)).Try(out var help, out _) ? help.Keys : [];
}
