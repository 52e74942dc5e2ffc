using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Web.Components.Manage;

namespace Sync.Web.Components.Connect;

/// <summary>Makes a room of a name and of what it shall begin with, and goes to it.</summary>
public sealed partial class NewRoomPage
{
    private string _name = "";
    private JoinPolicy _join = JoinPolicy.Members;
    private Template? _template;

    /// <summary>The template that a link proposes.</summary>
    [SupplyParameterFromQuery(Name = "template")]
    public string? Proposed { get; set; }

    /// <summary>The name that a link proposes.</summary>
    [SupplyParameterFromQuery(Name = "name")]
    public string? ProposedName { get; set; }

    // The address of a room is what its agents are given: it is said before it is made.
    private string IdWords => Engine.Rooms.FreeIdOf(_name) is { } id ? $"Its id will be {id}." : "Its id is made of its name.";

    private string JoinHelp => _join == JoinPolicy.Members ? "You, whom you invite, and your agents." : "Whoever knows the id may come in and act.";

    /// <inheritdoc/>
    protected override void OnInitialized() => (_template, _name) = (Template.Find(Proposed), ProposedName is { Length: <= 200 } name ? name : "");

    private static string JoinWords(JoinPolicy join) => join == JoinPolicy.Members ? "Members only" : "Whoever knows the id";

    private void Name(string? name) => _name = name ?? "";

    private async Task CreateAsync()
    {
        var name = _name.Trim() is { Length: > 0 } given ? given : null;
        var request = new CreateRoom(Id: null, name, _join) { IdFromName = true, Template = _template is null ? default : JsonSerializer.SerializeToElement(_template.Pack.Name) };
        string? made = null;
        if (await AskAsync("create", (caller, cancellationToken) => Engine.Rooms.CreateAsync(caller, request, cancellationToken), created => made = created.Info.Id))
        {
            Navigation.NavigateTo($"rooms/{Uri.EscapeDataString(made!)}/dashboard"); // Made, since it was done.
        }
    }
}
