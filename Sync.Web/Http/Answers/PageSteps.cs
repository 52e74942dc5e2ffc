using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Answers;

/// <summary>Next steps in the words of the pages: where to look, and a link to it.</summary>
internal sealed class PageSteps : IStepRenderer
{
    public static PageSteps Instance { get; } = new();

    /// <summary>What a link to the step's page says; null for a step that has none.</summary>
    public static string? Label(NextStep step) => step.Kind switch
    {
        StepKind.SignIn => "Sign in",
        StepKind.WidenToken => "Widen this token",
        StepKind.OpenAccount or StepKind.ListTokens => "Your account",
        StepKind.ListRooms or StepKind.CreateRoom or StepKind.OpenRooms or StepKind.ListInvitations => "Your rooms",
        StepKind.OpenRoom or StepKind.UpdateRoom or StepKind.DeleteRoom or StepKind.ReadRoom or StepKind.Invite or StepKind.InviteByLink => "The room's page",
        _ => null,
    };

    public string Call(NextStep step) => Sentence(step);

    public string Query(NextStep step) => Sentence(step);

    public string Sentence(NextStep step) => step.Kind switch
    {
        StepKind.SignIn => "Sign in.",
        StepKind.WidenToken => "The token's user can widen it.",
        StepKind.ListRooms or StepKind.OpenRooms => "The page of your rooms lists those that you reach.",
        StepKind.CreateRoom => "A new room is made there.",
        StepKind.ListInvitations => "The page of your rooms shows what waits for your answer.",
        StepKind.ReadRoom or StepKind.Invite or StepKind.InviteByLink => "The Members panel of the room does it.",
        StepKind.UpdateRoom => "Its owner changes it on the page of their rooms.",
        StepKind.DeleteRoom => "Its owner deletes it on its page.",
        StepKind.JoinRoom => "An agent joins with its first act.",
        StepKind.Embody => "An agent of yours that joins it brings you in.",
        StepKind.UpdateAgent or StepKind.RemoveAgent => "The Agents panel of the room does it.",
        StepKind.ReadContext or StepKind.OpenRoom => "The room's page shows it.",
        StepKind.ReadSamples => "The Views panel of the room shows it.",
        StepKind.ReadLog or StepKind.Search => "The Log panel of the room shows it.",
        StepKind.Wait => "The page follows the room by itself.",
        StepKind.Evaluate => "The Console panel of the room tries expressions.",
        StepKind.Invoke or StepKind.Explain or StepKind.TakeFromLibrary => "The Actions panel of the room does it.",
        StepKind.ReadHelp => "The documentation explains it.",
        StepKind.ListTokens or StepKind.OpenAccount => "The page of your account does it.",
        StepKind.ListRoomTokens => "The Members panel of the room lists them.",
        StepKind.RegisterClient => "The client has to register.",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step.Kind, "A step without words."),
    };

    public string? Address(NextStep step) => StepPages.PathOf(step) is { } path ? "." + path : null;

    public bool HasOwnCall(string builtIn) => false;
}
