using Sync.Cel;

namespace Sync.Engine.Expressions;

/// <summary>The expression language as rooms speak it: CEL with two relaxations and these roots.</summary>
internal static class RoomLanguage
{
    public const int State = 0;
    public const int Views = 1;
    public const int Agents = 2;
    public const int Actions = 3;
    public const int Messages = 4;
    public const int Self = 5;
    public const int Params = 6;
    public const int Now = 7;
    public const int Owner = 8;

    public static CelEnvironment Default { get; } = new(new CelOptions
    {
        Variables = ["state", "views", "agents", "actions", "messages", "self", "params", "now", "owner"],
        AbsentKeysAreNull = true,
        MixedArithmetic = true,
    });
}
