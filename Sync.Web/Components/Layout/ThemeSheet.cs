using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using Sync.Web.Http.Pages;

namespace Sync.Web.Components.Layout;

/// <summary>
/// <see cref="SyncTheme"/> as a stylesheet with both palettes. MudThemeProvider would put a style element into each page, which the
/// Content-Security-Policy would have to allow by 'unsafe-inline', and would know the palette only once a circuit runs, so dark pages
/// would flash light. Here the browser chooses: the system's preference, unless <c>data-theme</c> on the root says otherwise.
/// Made once, on first use, by rendering MudThemeProvider itself, so it stays right when MudBlazor adds a variable.
/// </summary>
internal sealed partial class ThemeSheet(IServiceScopeFactory scopes, ILoggerFactory loggers)
{
    private readonly Lock _lock = new();
    private Task<Sheet>? _made;

    /// <summary>The stylesheet's path; pages append the version so that it may be cached for good.</summary>
    public const string Path = PlainPage.ThemePath;

    public Task<Sheet> MadeAsync()
    {
        lock (_lock)
        {
            return _made ??= MakeAsync();
        }
    }

    private async Task<Sheet> MakeAsync()
    {
        // The first await would otherwise run the renderer inside the caller's lock.
        await Task.Yield();

        var light = await VariablesAsync(dark: false);
        var dark = await VariablesAsync(dark: true);
        var css = $$"""
            :root { {{light}} }
            :root[data-theme=dark] { {{dark}} }
            @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { {{dark}} } }
            """;
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(css)))[..12];
        return new Sheet(css, version);
    }

    private async Task<string> VariablesAsync(bool dark)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(MudThemeProvider.Theme)] = SyncTheme.Theme,
                [nameof(MudThemeProvider.IsDarkMode)] = dark,
                [nameof(MudThemeProvider.DefaultScrollbar)] = true,
                [nameof(MudThemeProvider.ObserveSystemDarkModeChange)] = false,
            });
            return (await renderer.RenderComponentAsync<MudThemeProvider>(parameters)).ToHtmlString();
        });

        var variables = RootRule().Match(html);
        return variables.Success
            ? System.Net.WebUtility.HtmlDecode(variables.Groups[1].Value)
            : throw new InvalidOperationException("MudThemeProvider wrote no :root rule.");
    }

    [GeneratedRegex(@":root\s*\{([^}]*)\}")]
    private static partial Regex RootRule();

    /// <summary>The made stylesheet and the version of its content.</summary>
    internal sealed record Sheet(string Css, string Version);
}
