using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Palette;
using Sync.Web.Live;
using Sync.Web.Options;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>A room of the real engine on a temporary folder, and panels rendered over its pictures.</summary>
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
        Seat = new RoomSeat(engine, owner, "r");
        Desk = new RoomDesk(new RoomPlace(), _ => { });
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        _context.Services.AddSingleton(new SyncOptions { DataDirectory = "", PublicUrl = PublicUrl });
        _context.Services.AddSingleton(TimeProvider.System);
        _context.Services.AddScoped<RoomInView>();
    }

    public Caller Owner { get; }

    public RoomSeat Seat { get; private set; }

    public RoomDesk Desk { get; set; }

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

    public void Sit(Caller caller) => Seat = new RoomSeat(_engine, caller, "r");

    public async Task InvokeAsync(string action, string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        await _engine.Actions.InvokeAsync(Owner, "r", action, new InvokeRequest { Params = document.RootElement.Clone() }, Cancel);
    }

    public Task SetAsync(string key, string value) => InvokeAsync("set", $$"""{"k":{{JsonSerializer.Serialize(key)}},"v":{{value}}}""");

    public async Task<RoomPicture> PictureAsync()
    {
        using var watch = (await _engine.Live.WatchAsync(Seat.Caller, "r", Cancel)).Value;
        return watch.Current;
    }

    /// <summary>The first picture that is so.</summary>
    public async Task<RoomPicture> PictureOnceAsync(Func<RoomPicture, bool> holds)
    {
        using var watch = (await _engine.Live.WatchAsync(Seat.Caller, "r", Cancel)).Value;
        var picture = watch.Current;
        while (!holds(picture))
        {
            Assert.True(await watch.ChangedAsync(picture, Cancel));
            picture = watch.Current;
        }

        return picture;
    }

    public async Task<RoomPicture> PastAsync(long seq) => (await _engine.Live.AtAsync(Seat.Caller, "r", seq, Cancel)).Value;

    public IRenderedComponent<T> Show<T>(RoomPicture picture)
        where T : PicturePanel =>
        _context.Render<T>(parameters => parameters.Add(panel => panel.Picture, picture).AddCascadingValue(Seat).AddCascadingValue(Desk));

    public IRenderedComponent<RoomBoard> ShowBoard(RoomPicture picture, string query = "")
    {
        _context.Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo($"/rooms/r/dashboard{query}");
        return _context.Render<RoomBoard>(parameters => parameters.Add(board => board.Picture, picture).AddCascadingValue(Seat));
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
