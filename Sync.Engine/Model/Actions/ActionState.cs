using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;

namespace Sync.Engine.Model.Actions;

/// <summary>An action as it stands in a room. A new object for each registration, so the memo in it dies with what it was about.</summary>
internal sealed class ActionState
{
    private ActionState(Entry entry, ActionDefinition definition, Registrant registrant)
    {
        Entry = entry;
        Definition = definition;
        By = registrant;
        Expression?[] conditions = [definition.Enabled, definition.If];
        Reads = new ReadMemo([.. conditions.OfType<Expression>()]);
        _namesSelf = conditions.Any(static condition => condition is { NamesSelf: true });
    }

    public string Id => Definition.Id;

    public Entry Entry { get; }

    public ActionDefinition Definition { get; }

    /// <summary>Who registered it.</summary>
    public Registrant By { get; }

    /// <summary>The agent that registered it, or null.</summary>
    public string? Registrant => By.Agent;

    /// <summary>Whether a built-in action has its id, and so stands in its place: registered in a room of old, it is never run.</summary>
    public bool IsShadowed => BuiltInIds.Contains(Id);

    /// <summary>What it may at a moment, whoever invokes it.</summary>
    public Standing StandingIn(Moment moment) => Standing.Of(moment, By, Definition.Scope, Definition.ReachAll);

    /// <summary>What its availability hangs on.</summary>
    public ReadMemo Reads { get; }

    private readonly Memo<AvailabilityAnswer> _memo = new();

    // What it answers where its conditions may not read state.self.
    private readonly Memo<AvailabilityAnswer> _memoWithoutSelf = new();
    private readonly bool _namesSelf;

    public Memo<AvailabilityAnswer> MemoFor(in Frame outer) => outer.PassesSelf || !_namesSelf ? _memo : _memoWithoutSelf;

    /// <summary>An action of one call: no room has it.</summary>
    public static ActionState Unregistered(Entry entry, ActionDefinition definition, Registrant registrant) => new(entry, definition, registrant);

    /// <summary>Reads the entry's value: the definition and <c>registered_by</c>. Keeps what <paramref name="old"/> compiled when only the timer moved.</summary>
    public static ActionState Read(Entry entry, ActionState? old, RoomLanguage language)
    {
        if (old is not null && old.Entry.Value.Equals(entry.Value))
        {
            return new(entry, old.Definition, old.By with { Seq = entry.Seq });
        }

        var (source, registrant) = Registration.Read(entry);

        // The log is not asked whether it may: rules and limits of today hold for what comes in today.
        return ActionDefinition.Parse(source, registrant.Agent, int.MaxValue, language.ForStored).Try(out var definition, out var problem)
            ? new(entry, definition, registrant)
            : new(entry, ActionDefinition.Unreadable(entry.Key, source, problem), registrant);
    }
}
