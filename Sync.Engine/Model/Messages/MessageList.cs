using System.Collections.Immutable;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Entries;

namespace Sync.Engine.Model.Messages;

/// <summary>Messages as expressions read them. Nothing is converted before an expression looks into a message, and then on the budget of who looks.</summary>
internal sealed class MessageList(ImmutableArray<Message> messages) : CelList
{
    public override int Count => messages.Length;

    public override CelValue this[int index] => CelValue.Of(new Map(messages[index].Entry));

    private sealed class Map(Entry entry) : CelMap
    {
        public override int Count => entry.Cel.AsMap.Count;

        public override IEnumerable<CelValue> Keys => entry.Cel.AsMap.Keys;

        public override bool TryGet(in CelValue key, out CelValue value) => entry.Cel.AsMap.TryGet(key, out value);

        public override bool TryGet(in CelValue key, CelBudget budget, out CelValue value)
        {
            if (entry.Read(budget) is { IsError: true } exceeded)
            {
                value = exceeded;
                return true;
            }

            return entry.Cel.AsMap.TryGet(key, out value);
        }

        public override bool TryGet(string key, CelBudget budget, out CelValue value) => TryGet(CelValue.Of(key), budget, out value);
    }
}
