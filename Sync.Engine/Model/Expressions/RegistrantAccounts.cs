using System.Collections.Concurrent;
using Sync.Cel.Values.Limits;

namespace Sync.Engine.Model.Expressions;

/// <summary>
/// What the definitions of each registrant may spend on one state of a room, all together, on values that are equal for everyone: so that a change costs the room at most so much for each of those
/// who registered something, however many dear views they have. One for each state; any thread.
/// </summary>
internal sealed class RegistrantAccounts
{
    // As many dear definitions as may be worked out anew for one change; each still has one budget at most.
    private const int Budgets = 4;

    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>The account of a registrant.</summary>
    /// <param name="payer">The registrant's user, else its agent.</param>
    public Account Of(string payer) => _accounts.GetOrAdd(payer, static _ => new Account());

    /// <summary>What one registrant has spent on the state.</summary>
    internal sealed class Account
    {
        private readonly Lock _lock = new();
        private readonly HashSet<CelBudget> _open = [];
        private long _spent;

        /// <summary>A budget out of the account; what is open already where one definition of the registrant reads another. <paramref name="isWhole"/> says whether it is all that a definition can have.</summary>
        public CelBudget Open(CelBudget reader, RoomLanguage language, out bool isWhole)
        {
            lock (_lock)
            {
                if (_open.Contains(reader))
                {
                    isWhole = false;
                    return reader;
                }

                var left = Math.Max(0, (Budgets * language.Cost) - _spent);
                isWhole = left >= language.Cost;
                var budget = isWhole ? language.NewBudget() : language.NewBudget(left);
                _open.Add(budget);
                return budget;
            }
        }

        /// <summary>Takes what was spent of it; nothing where whoever opened it still has it.</summary>
        public void Close(CelBudget budget, CelBudget reader)
        {
            if (budget == reader)
            {
                return;
            }

            lock (_lock)
            {
                _open.Remove(budget);
                _spent += budget.Spent;
            }
        }
    }
}
