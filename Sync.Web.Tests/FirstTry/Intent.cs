namespace Sync.Web.Tests.FirstTry;

/// <summary>Something that a newcomer wants, what it tries first over each door, and what must be true of the room afterwards.</summary>
internal sealed record Intent(string Name)
{
    /// <summary>What the room's owner does beforehand, in the words of <see cref="IntentFile"/>.</summary>
    public List<string> Given { get; } = [];

    /// <summary>Whether the newcomer is a user of its own that nobody invited; otherwise it is the room's owner.</summary>
    public bool IsStranger { get; set; }

    /// <summary>Whether an MCP client does not embody an agent beforehand.</summary>
    public bool IsDisembodied { get; set; }

    /// <summary>Whether the last call is rightly refused: the refusal is what was wanted.</summary>
    public bool IsRefused { get; set; }

    /// <summary>The calls over HTTP: method, path, body.</summary>
    public List<string> Http { get; } = [];

    /// <summary>The calls of tools: name, arguments.</summary>
    public List<string> Mcp { get; } = [];

    /// <summary>CEL that is true afterwards, as the owner sees the room.</summary>
    public List<string> Holds { get; } = [];

    /// <summary>Texts that the last answer contains.</summary>
    public List<string> Says { get; } = [];

    /// <summary>Texts that no answer contains.</summary>
    public List<string> Never { get; } = [];

    public override string ToString() => Name;
}
