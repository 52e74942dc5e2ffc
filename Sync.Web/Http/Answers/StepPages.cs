using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Answers;

/// <summary>The pages on which a person takes a step, below the server's address.</summary>
internal static class StepPages
{
    /// <summary>The page's path with its query; null for a step that is not taken on a page.</summary>
    public static string? PathOf(NextStep step) => step.Kind switch
    {
        StepKind.SignIn => "/auth/sign-in",
        StepKind.WidenToken => $"/auth/elevate?token_id={Escaped(step, "token_id")}&room={Escaped(step, "room")}&level={Escaped(step, "level")}",
        StepKind.OpenAccount or StepKind.ListTokens => "/manage",
        StepKind.OpenRooms or StepKind.ListRooms or StepKind.CreateRoom or StepKind.ListInvitations => "/rooms",
        StepKind.RegisterClient => null,
        _ => step.Text("room") is { } room ? $"/rooms/{Uri.EscapeDataString(room)}/dashboard" : null,
    };

    private static string Escaped(NextStep step, string name) => Uri.EscapeDataString(new StepArgument(name, step[name]).AsText);
}
