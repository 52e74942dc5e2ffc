using System.Text.Json;
using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>axe-core, where its package has been installed beside the tests.</summary>
internal static class Axe
{
    /// <summary>Where its package.json stands.</summary>
    public const string Folder = "Sync.E2E/clients/axe";

    /// <summary>Its script, or null.</summary>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, Folder, "node_modules", "axe-core", "axe.min.js");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }

    /// <summary>Serious and critical violations, one a line; empty when there are none.</summary>
    public static async Task<string> ComplaintsAsync(IPage page, string script)
    {
        // The pages' policy would not let the script in as an element; through the debugger it is no part of the page.
        await page.EvaluateAsync(await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken));
        var found = await page.EvaluateAsync<JsonElement>("""
            async () => {
              await Promise.all(document.getAnimations().map(animation => (animation.effect.getTiming().iterations === Infinity ? animation.cancel() : animation.finish())));
              const { violations } = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] });
              return violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`);
            }
            """);
        return string.Join('\n', found.EnumerateArray().Select(line => line.GetString()));
    }
}
