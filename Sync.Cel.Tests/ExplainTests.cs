namespace Sync.Cel.Tests;

public sealed class ExplainTests
{
    [Theory]
    [InlineData("self == \"alice\" && (messages.unread > 5 || !(state._shared.round == 3))", "self == \"alice\" → true; messages.unread > 5 → false; !(state._shared.round == 3) → false")]
    [InlineData("self == \"bob\" ? views.total > 3 : has(state._shared.phase)", "self == \"bob\" → false; views.total > 3 → true; has(state._shared.phase) → true")]
    [InlineData("true", "true → true")]
    [InlineData("state._tasks.exists(k, k == \"t1\" && true) && 1 / 0 > 1", "state._tasks.exists(k, k == \"t1\" && true) → true; 1 / 0 > 1 → error: Division by zero.")]
    [InlineData("(self == \"alice\") && ((views.total)) == 7", "self == \"alice\" → true; ((views.total)) == 7 → true")]
    public void Explain_Structure_GivesEachLeafWithItsValue(string expression, string expected)
    {
        var parts = RoomCel.Compile(expression).Explain(RoomCel.Roots(RoomCel.Sample));

        Assert.Equal(expected, string.Join("; ", parts.Select(p => $"{p.Expression} → {p.Value}")));
    }
}
