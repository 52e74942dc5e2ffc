using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Components.Dashboard.Leases;

/// <summary>Hands over leases that an agent holds, or releases them. What the engine decides, it decides when it is asked; here stands whom it is offered: the holder, and owners of the room.</summary>
public sealed partial class LeaseTools
{
    private const int MaxKeys = 100;

    private static readonly DialogOptions s_options = new() { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true, CloseButton = false };

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private Asking? _asking;
    private string? _to;
    private SyncError? _refusal;

    private enum Asking
    {
        HandOver,
        Release,
    }

    /// <summary>The agent that holds them.</summary>
    [Parameter, EditorRequired]
    public required string Holder { get; set; }

    /// <summary>The keys of the leases.</summary>
    [Parameter, EditorRequired]
    public ImmutableArray<string> Keys { get; set; } = [];

    /// <summary>What the buttons are about, read out after their names where several stand on a page.</summary>
    [Parameter]
    public string? Of { get; set; }

    /// <summary>The size of its buttons.</summary>
    [Parameter]
    public Size Size { get; set; } = Size.Medium;

    [Inject]
    private ISnackbar Notes { get; set; } = null!; // Set by the framework before anything runs.

    private bool IsOwn => CanAct && Holder == Model.Self;

    private bool MayRelease => !Keys.IsEmpty && (IsOwn || (Viewer is not null && RoomViewer.CanManage(Model)));

    private bool MayHandOver => MayRelease && Model.Agents.Length > 1;

    private bool IsHeldByOthersToo(string key) => Model.Leases.Any(lease => lease.Key == key && lease.Holders.Length > 1);

    private void Open(Asking asking)
    {
        (_asking, _refusal, _to) = (asking, null, null);
        _keys.Clear();
        _keys.UnionWith(Keys.Take(MaxKeys));
    }

    private void Close() => (_asking, _refusal) = (null, null);

    private void Shown(bool isShown)
    {
        if (!isShown)
        {
            Close();
        }
    }

    private void Take(string key, bool isTaken)
    {
        if (isTaken)
        {
            _keys.Add(key);
        }
        else
        {
            _keys.Remove(key);
        }
    }

    private Task<IEnumerable<string>> OthersAsync(string? text, CancellationToken cancellationToken) => Task.FromResult(
        Model.Agents.Select(static agent => agent.Id).Where(id => id != Holder && id.Contains(text ?? "", StringComparison.OrdinalIgnoreCase)));

    // Named by whom it is taken from, so that it is the owner's word where the giver itself does not act.
    private Task HandOverAsync() => AskAsync(async () =>
    {
        if (await InvokeAsync("_hand_over", new { from = Holder, to = _to, keys = _keys.Order(StringComparer.Ordinal).ToArray() }))
        {
            Done($"{_to} holds {Counted(_keys.Count)} now.");
        }
    });

    // One after the other: what a refusal leaves is chosen still.
    private Task ReleaseAsync() => AskAsync(async () =>
    {
        var count = 0;
        foreach (var key in _keys.Order(StringComparer.Ordinal).ToList())
        {
            if (!await InvokeAsync("_release", new { key, force = !IsOwn }))
            {
                return;
            }

            _keys.Remove(key);
            count++;
        }

        Done($"{Holder} let go of {Counted(count)}.");
    });

    private static string Counted(int count) => count == 1 ? "the lease" : $"{count:N0} leases";

    private async Task<bool> InvokeAsync(string action, object parameters)
    {
        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(parameters) };
        _refusal = (await Viewer!.Engine.Actions.InvokeAsync(Viewer.Caller, Viewer.Room, action, request, Gone)).Error; // Only offered where somebody sits.
        return _refusal is null;
    }

    private void Done(string note)
    {
        Close();
        Notes.Add(note, Severity.Success);
    }
}
