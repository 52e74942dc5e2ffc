namespace Sync.Engine.Services.Webhooks;

/// <summary>When a message that was not taken is sent again.</summary>
internal static class WebhookRetries
{
    private static readonly TimeSpan[] s_rests =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6),
    ];

    private static readonly TimeSpan s_longestAsked = TimeSpan.FromHours(1);

    /// <summary>How often a message is sent at most.</summary>
    public static int Max => s_rests.Length + 1;

    /// <summary>How long to wait after so many attempts, longer where the receiver asks for it; null when that is enough.</summary>
    public static TimeSpan? After(int attempts, TimeSpan? asked)
    {
        if (attempts >= Max)
        {
            return null;
        }

        var rest = s_rests[attempts - 1];
        return asked is { } longer && longer > rest ? (longer < s_longestAsked ? longer : s_longestAsked) : rest;
    }
}
