using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MudBlazor;
using MudBlazor.Services;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Options;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>A room of the real engine on a temporary folder, and panels rendered over its page models.</summary>
internal sealed class RoomBench : IAsyncDisposable
{
    /// <summary>The address of the server, under which nothing is asked here.</summary>
    public const string PublicUrl = "https://example.org/sync";

    private readonly string _folder;
    private readonly SyncEngine _engine;
    private readonly BunitContext _context = new();

    private RoomBench(string folder, SyncEngine engine, Caller owner)
    {
        _folder = folder;
        _engine = engine;
        Owner = owner;
        Viewer = new RoomViewer(engine, owner, "r");
        Navigation = new PageNavigation(new PageLocation(), (_, _) => { });
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddSingleton(new SyncOptions { DataDirectory = "", PublicUrl = PublicUrl });
        _context.Services.AddSingleton(TimeProvider.System);
        _context.Services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
        _context.Services.AddLogging();
        _context.Services.AddSingleton<AntiforgeryStateProvider>(new NoAntiforgery());
        _context.Services.AddScoped<RoomInView>();
        _context.Services.AddScoped<PageCommands>();
    }

    public Caller Owner { get; }

    public RoomViewer Viewer { get; private set; }

    public PageNavigation Navigation { get; set; }

    public SyncEngine Engine => _engine;

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    public static async Task<RoomBench> OpenAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "sync-bench-" + Path.GetRandomFileName());
        var engine = (await SyncEngine.OpenAsync(new EngineOptions { DataDirectory = folder }, TimeProvider.System, NullLoggerFactory.Instance, Cancel)).Value;
        var minted = (await engine.Access.MintAsync("olga", "rooms:* create_rooms", label: null, expiresIn: null, Cancel)).Value;
        var owner = (await engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        Assert.Null((await engine.Rooms.CreateAsync(owner, new CreateRoom("r", Name: null, JoinPolicy.Open), Cancel)).Error);
        var bench = new RoomBench(folder, engine, owner);
        await bench.InvokeAsync("_register_action", """{"id":"set","params":{"k":{"type":"string"},"v":{}},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");
        return bench;
    }

    public async Task<Caller> ReaderAsync()
    {
        var minted = (await _engine.Tokens.MintAsync(Owner, new MintToken { Scope = "rooms:r:read" }, Cancel)).Value;
        return (await _engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
    }

    public void Sit(Caller caller) => Viewer = new RoomViewer(_engine, caller, "r");

    public async Task InvokeAsync(string action, string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        await _engine.Actions.InvokeAsync(Owner, "r", action, new InvokeRequest { Params = document.RootElement.Clone() }, Cancel);
    }

    public Task SetAsync(string key, string value) => InvokeAsync("set", $$"""{"k":{{JsonSerializer.Serialize(key)}},"v":{{value}}}""");

    public async Task<RoomPageModel> ModelAsync()
    {
        using var watch = (await _engine.Live.WatchAsync(Viewer.Caller, "r", Cancel)).Value;
        return watch.Current;
    }

    /// <summary>The first page model that meets the condition.</summary>
    public async Task<RoomPageModel> ModelOnceAsync(Func<RoomPageModel, bool> holds)
    {
        using var watch = (await _engine.Live.WatchAsync(Viewer.Caller, "r", Cancel)).Value;
        var model = watch.Current;
        while (!holds(model))
        {
            Assert.True(await watch.ChangedAsync(model, Cancel));
            model = watch.Current;
        }

        return model;
    }

    public async Task<RoomPageModel> PastAsync(long seq) => (await _engine.Live.AtAsync(Viewer.Caller, "r", seq, Cancel)).Value;

    public IRenderedComponent<T> Show<T>(RoomPageModel model)
        where T : ModelPanel =>
        _context.Render<T>(parameters => parameters.Add(panel => panel.Model, model).AddCascadingValue(Viewer).AddCascadingValue(Navigation));

    /// <summary>Where dialogs are drawn: as in the layout, beside what opens them.</summary>
    public IRenderedComponent<MudDialogProvider> ShowDialogs() => _context.Render<MudDialogProvider>();

    public IRenderedComponent<RoomBoard> ShowBoard(RoomPageModel model, string query = "")
    {
        _context.Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo($"/rooms/r/dashboard{query}");
        return _context.Render<RoomBoard>(parameters => parameters.Add(board => board.Model, model).AddCascadingValue(Viewer));
    }

    /// <summary>Where the reader of the board is, as the page says it outwards.</summary>
    public PageNavigation BoardNavigation => _context.Services.GetRequiredService<RoomInView>().Navigation!; // A board is shown.

    /// <summary>The browser goes to another address of the page, as Back and Forward do.</summary>
    public void GoTo(string query) => _context.Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo($"/rooms/r/dashboard{query}");

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // No browser posts a form here.
    private sealed class NoAntiforgery : AntiforgeryStateProvider
    {
        public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
    }
}
