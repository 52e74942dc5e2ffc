using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Tests.Model.State;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>One random command; what its numbers mean is up to the kind.</summary>
internal sealed record ModelCommand(RoomCommandKind Kind, int Agent, int Target, int Choice, string Value, bool IsFaulty)
{
    private static readonly string[] s_values =
    [
        "1", "0", "-3", "0.1", "0.2", "2.5", "\"42\"", "\"text\"", "\"${self}\"", "true", "false", "null", "[]", "[1,null]", "{}",
        """{"a":1}""", """{"a":{"b":2,"c":null}}""", """{"a":null,"x":"y"}""", """{"a":{"b":null}}""", """["a",{"b":[]}]""",
    ];

    public static readonly string[] Actions = ["act0", "act1", "act2", "act3"];

    public static readonly string[] Keys = ["k0", "k1", "k2", "log", "7", "3"];

    public static readonly string[] Agents = ["olga", "alice", "bob"];

    public static Gen<ModelCommand> Gen { get; } = CsCheck.Gen.Select(
        CsCheck.Gen.Frequency(
            (12, CsCheck.Gen.Const(RoomCommandKind.Invoke)),
            (3, CsCheck.Gen.Const(RoomCommandKind.Register)),
            (1, CsCheck.Gen.Const(RoomCommandKind.Delete)),
            (1, CsCheck.Gen.Const(RoomCommandKind.RegisterView)),
            (1, CsCheck.Gen.Const(RoomCommandKind.Message)),
            (1, CsCheck.Gen.Const(RoomCommandKind.Join)),
            (2, CsCheck.Gen.Const(RoomCommandKind.Advance)),
            (1, CsCheck.Gen.Const(RoomCommandKind.Unknown))),
        CsCheck.Gen.Int[0, Agents.Length - 1],
        CsCheck.Gen.Int[0, 23],
        CsCheck.Gen.Int[0, 99],
        CsCheck.Gen.Int[0, s_values.Length - 1].Select(i => s_values[i]),
        CsCheck.Gen.Int[0, 7],
        (kind, agent, target, choice, value, fault) => new ModelCommand(kind, agent, target, choice, value, fault == 0));

    public string Action => Actions[Target % Actions.Length];

    public string Key => Keys[Target % Keys.Length];

    public string Template => RoomModel.Templates.Keys.ElementAt(Choice % RoomModel.Templates.Count);

    public string Expression => RoomModel.Expressions.Keys.ElementAt(Choice % RoomModel.Expressions.Count);

    /// <summary>Parameters that fit the template, or do not where the command is faulty.</summary>
    public JsonObject Parameters(string? template, Func<string> version)
    {
        var parameters = new JsonObject { ["key"] = Key };
        if (Choice % 5 != 0)
        {
            parameters["value"] = JsonNode.Parse(Value);
        }

        if (template == "set" && Choice % 3 == 0)
        {
            parameters["scope"] = "_rows";
        }

        if (template == "swap")
        {
            parameters["version"] = Choice % 4 == 0 ? "0000000000000000" : version();
        }

        if (IsFaulty)
        {
            switch (Choice % 3)
            {
                case 0:
                    parameters["kye"] = 1;
                    break;
                case 1:
                    parameters.Remove("key");
                    break;
                default:
                    parameters["key"] = 5;
                    break;
            }
        }

        return parameters;
    }
}

internal enum RoomCommandKind
{
    Invoke,
    Register,
    Delete,
    RegisterView,
    Message,
    Join,
    Advance,
    Unknown,
}
