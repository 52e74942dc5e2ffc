namespace Sync.Engine.Model.Approvals;

/// <summary>One of several rules that an approval has to meet, met by somebody while others are still asked. Immutable.</summary>
/// <param name="Rule">Which, see <see cref="ApprovalRule.Key"/>.</param>
/// <param name="By">Who accepted.</param>
/// <param name="ByPerson">Whether a person did, in a signed-in browser.</param>
/// <param name="Seq">The event.</param>
internal sealed record Acceptance(string Rule, string By, bool ByPerson, long Seq);
