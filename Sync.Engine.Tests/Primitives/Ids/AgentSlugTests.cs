using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Tests.Primitives.Ids;

/// <summary>Ids out of names in any script.</summary>
public sealed class AgentSlugTests
{
    private static readonly string[] s_names =
    [
        "alice", "bob", "Code Reviewer", "code-reviewer", "code reviewer 2", "José", "Jose", "Zoë", "Zoe", "Åsa", "Asa", "Straße", "Strasse", "Łukasz", "Lukasz", "Ærø", "Aero",
        "Алиса", "Борис", "小红", "小明", "明", "田中 花子", "田中花子", "محمد", "דוד", "नेहा", "Ελένη", "สมชาย", "김철수", "🙂", "🐢", "🐢🐢", "👩‍👧", "alice 🐢", "alice!", "alice?", "_alice", "-alice-", "a", "…", " x y ",
        new('x', 60), new('x', 61), new string('x', 60) + "é",
    ];

    [Fact]
    public void OfName_OfNamesThatDiffer_Differs()
    {
        var ids = s_names.Select(AgentSlug.OfName).ToList();

        Assert.All(ids, id => Assert.Null(Identifiers.CheckAgentId(id)));
        Assert.Equal(s_names.Length, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(ids, s_names.Select(AgentSlug.OfName));
    }

    [Theory]
    [InlineData("Alice", "alice")]
    [InlineData("worker_7.b", "worker_7.b")]
    [InlineData("a-b", "a-b")]
    public void OfName_OfWhatIsAnId_IsThat(string name, string id) => Assert.Equal(id, AgentSlug.OfName(name));

    [Theory]
    [InlineData("José", "jose-")]
    [InlineData("Code Reviewer", "code-reviewer-")]
    [InlineData("Łukasz Straße", "lukasz-strasse-")]
    [InlineData("小明", "agent-")]
    [InlineData("🐢", "agent-")]
    public void OfName_OfAnotherName_KeepsWhatCanBeRead(string name, string start) => Assert.StartsWith(start, AgentSlug.OfName(name), StringComparison.Ordinal);

    [Fact]
    public void OfName_OfOneNameInTwoForms_IsOne() => Assert.Equal(AgentSlug.OfName("Jos\u00e9"), AgentSlug.OfName("Jose\u0301"));

    [Theory]
    [InlineData("Claude Code", "claude-code")]
    [InlineData("claude-code", "claude-code")]
    [InlineData("", "client")]
    public void OfClientName_OfAsciiNames_IsTheNameWithHyphens(string client, string id) => Assert.Equal(id, AgentSlug.OfClientName(client));

    [Fact]
    public void OfClientName_OfNamesThatDifferBeyondAscii_Differs()
    {
        string[] clients = ["Клод", "Кло", "克劳德", "Klóð", "Klod", "a-very-long-name-of-a-client-one", "a-very-long-name-of-a-client-two"];

        Assert.Equal(clients.Length, clients.Select(AgentSlug.OfClientName).Distinct().Count());
        Assert.All(clients, client => Assert.Null(Identifiers.CheckAgentId(AgentSlug.OfClient(new string('u', 64), AgentSlug.OfClientName(client)))));
    }

    [Theory]
    [InlineData("my room", "my-room")]
    [InlineData("  Plan / 2026!  ", "Plan-2026")]
    [InlineData("комната", "")]
    [InlineData("größe", "gr-e")]
    public void Title_AsAnId_IsAnIdOrNothing(string title, string id)
    {
        Assert.Equal(id, AgentSlug.OfTitle(title));
        Assert.True(id.Length == 0 || Identifiers.CheckRoomId(id) is null);
    }
}
