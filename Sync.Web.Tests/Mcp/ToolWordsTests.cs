using Sync.Web.Mcp;

namespace Sync.Web.Tests.Mcp;

/// <summary>What a hint advises, where there are only tools.</summary>
public sealed class ToolWordsTests
{
    [Theory]
    [InlineData("GET /rooms lists the rooms; POST /rooms creates one.", "sync_list_rooms lists the rooms; sync_create_room creates one.")]
    [InlineData("It can join with POST /rooms/{room}/agents.", "It can join with sync_embody.")]
    [InlineData("Register it with _register_action.", "Register it with sync_register_action.")]
    [InlineData("Call sync_register_action.", "Call sync_register_action.")]
    public void Hint_ThatNamesACall_NamesTheTool(string hint, string inTools) => Assert.Equal(inTools, ToolWords.Of(hint));
}
