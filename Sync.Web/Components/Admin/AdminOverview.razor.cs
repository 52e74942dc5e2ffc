using Sync.Engine.Identity.Administration;

namespace Sync.Web.Components.Admin;

/// <summary>How the server is, looked at again every few seconds while somebody looks.</summary>
public sealed partial class AdminOverview
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private ServerOverview? _overview;

    private protected override Task LoadAsync() =>
        AskAsync("overview", (caller, cancellationToken) => Engine.Administration.OverviewAsync(caller, cancellationToken), overview => _overview = overview);

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(s_between, Time);
            while (await timer.WaitForNextTickAsync(Gone))
            {
                await LoadAsync();
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page has gone.
        }
    }
}
