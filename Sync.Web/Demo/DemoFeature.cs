namespace Sync.Web.Demo;

/// <summary>The demo room and its agents; left out with <c>Sync__Demo=false</c>.</summary>
internal static class DemoFeature
{
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DemoAudience>();
        builder.Services.AddSingleton<DemoPace>();
        builder.Services.AddSingleton<DemoAccess>();
        builder.Services.AddSingleton<DemoRoom>();
        builder.Services.AddHostedService<DemoHost>();
    }
}
