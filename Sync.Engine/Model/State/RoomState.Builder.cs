using System.Collections.Immutable;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Pauses;
using Sync.Engine.Model.Rules;
using Sync.Engine.Model.Timers;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.State;

/// <summary>How one state becomes the next.</summary>
internal sealed partial class RoomState
{
    /// <summary>The parts of a state while the next one is made.</summary>
    internal sealed class RoomStateBuilder(RoomState before)
    {
        // Bounds what is remembered of actions that are gone.
        private const int MaxExpired = 1_000;

        private const int MaxRemoved = 10_000;

        private const int MaxKeptGates = 1_000;

        private readonly RoomLanguage _language = before.Language;
        private ImmutableSortedDictionary<string, ScopeState> _scopes = before.Scopes;
        private ImmutableSortedDictionary<string, ActionState> _actions = before.Actions;
        private ImmutableSortedDictionary<string, ViewDefinition> _views = before.Views;
        private ImmutableSortedDictionary<string, AgentRecord> _agents = before.Agents;
        private ImmutableSortedDictionary<string, RemovedAgent> _removed = before.Removed;
        private ImmutableHashSet<string> _fresh = before.Fresh;
        private ImmutableDictionary<string, ActionUse> _uses = before.Uses;
        private ImmutableHashSet<string> _expired = before.Expired;
        private ImmutableDictionary<string, KeptGate> _keptGates = before.KeptGates;
        private MessageWindow _messages = before.Messages;
        private TimerIndex _timers = before.Timers;
        private WriteTargets _targets = before.Targets;
        private object _standing = before.StandingStamp;
        private int _entries = before.EntryCount;
        private long _bytes = before.Bytes;
        private ImmutableDictionary<string, RoomUse> _useByWriter = before.UseByWriter;
        private int _conditional = before.ConditionalCount;
        private ImmutableDictionary<StateKey, string> _degraded = before.Degraded;
        private RunningClock _running = before.Running;
        private ApprovalTable _approvals = before.Approvals;
        private LeaseTable _leases = before.Leases;
        private LeaseLosses _losses = before.LeaseLosses;
        private PauseTable _pauses = before.Pauses;
        private TargetRules _rules = before.TargetRules;

        public RoomState Apply(RoomEvent e)
        {
            // Logical time: only timers that ran before the event are moved by its writes, and those that fire stand among its changes.
            // The end of an agent writes nothing: what goes with it ticks nothing.
            List<TimerTarget> ticking = before.Timers.IsTicking && e.Kind != EventKind.AgentRemoved
                ? [.. e.Changes.Where(c => c is { Fired: false, Kind: ChangeKind.Put or ChangeKind.Delete }).SelectMany(c => before.Timers.TickingOn(c.Scope, c.Key))]
                : [];
            foreach (var change in e.Changes)
            {
                Apply(change, e);
            }

            foreach (var target in ticking)
            {
                Tick(target);
            }

            if (e.Kind == EventKind.Invoked && e.Action is { } action && _actions.TryGetValue(action, out var invoked))
            {
                Count(invoked, e.At);
            }

            NoteActing(e);
            return Build(e.Seq, e.At);
        }

        public static RoomState Restore(
            RoomLanguage language,
            long seq,
            DateTimeOffset at,
            IEnumerable<ScopeState> scopes,
            IEnumerable<KeyValuePair<string, ActionUse>> uses,
            IEnumerable<string> expired,
            MessageWindow messages,
            IEnumerable<RemovedAgent> removed,
            IEnumerable<string> fresh,
            RunningClock running,
            IEnumerable<LeaseLoss> lostLeases,
            IEnumerable<KeptGate> keptGates)
        {
            var builder = new RoomStateBuilder(In(language))
            {
                _uses = Empty.Uses.AddRange(uses),
                _expired = Empty.Expired.Union(expired),
                _messages = messages,
                _removed = Empty.Removed.AddRange(removed.Select(static agent => KeyValuePair.Create(agent.Id, agent))),
                _fresh = Empty.Fresh.Union(fresh),
                _running = running,
                _losses = lostLeases.Aggregate(LeaseLosses.None, static (losses, loss) => losses.Add(loss)),
            };
            foreach (var scope in scopes)
            {
                builder._scopes = builder._scopes.SetItem(scope.Name, scope);
                builder._entries += scope.Entries.Count;
                builder._conditional += scope.Conditional;
                foreach (var entry in scope.Entries.Values)
                {
                    builder.Account(old: null, entry);
                    builder.Derive(scope.Name, before: null, entry);
                }
            }

            foreach (var (id, use) in builder._uses)
            {
                builder._timers = builder._timers.Replace(TimerTarget.CooldownOf(id), before: null, use.Cooldown);
            }

            // After the definitions: what is registered keeps no gate beside itself.
            builder._keptGates = Empty.KeptGates.AddRange(keptGates.Select(static gate => KeyValuePair.Create(gate.Id, gate)));
            return builder.Build(seq, at);
        }

        private RoomState Build(long seq, DateTimeOffset at) => new()
        {
            Language = _language,
            Seq = seq,
            UpdatedAt = at,
            Scopes = _scopes,
            Actions = _actions,
            Views = _views,
            Agents = _agents,
            Removed = _removed,
            Fresh = _fresh,
            Uses = _uses,
            Expired = _expired,
            KeptGates = _keptGates,
            Messages = _messages,
            Timers = _timers,
            Targets = _targets,
            Surfaces = ReferenceEquals(_views, before.Views) && ReferenceEquals(_actions, before.Actions) ? before.Surfaces : new BrokenSurfaces(_views, _actions),
            EntryCount = _entries,
            Bytes = _bytes,
            UseByWriter = _useByWriter,
            ConditionalCount = _conditional,
            StandingStamp = _standing,
            Degraded = _degraded,
            Running = _running,
            Approvals = _approvals,
            Leases = _leases,
            LeaseLosses = _losses,
            Pauses = _pauses,
            TargetRules = _rules,
            GrantingCount = ReferenceEquals(_agents, before.Agents) ? before.GrantingCount : _agents.Values.Count(a => !a.Grants.IsEmpty),
        };

        private void Apply(EntryChange change, RoomEvent e)
        {
            if (change.Kind == ChangeKind.Cooldown)
            {
                SetUse(change.Key, _uses.GetValueOrDefault(change.Key, ActionUse.None) with { Cooldown = null });
                return;
            }

            if (change.Kind == ChangeKind.Freed)
            {
                _removed = _removed.Remove(change.Key);
                return;
            }

            var scope = _scopes.GetValueOrDefault(change.Scope) ?? ScopeState.Empty(change.Scope);
            var old = scope.Find(change.Key);
            var entry = change.Kind switch
            {
                ChangeKind.Put => Written(change, e, old),
                ChangeKind.Timer => old?.WithTimer(change.Timer),
                _ => null,
            };

            if (entry is null && change.Scope == ReservedScopes.Agents && _agents.TryGetValue(change.Key, out var gone))
            {
                Remember(new RemovedAgent(gone.Id, gone.User, gone.Since, e.Seq, gone.IsGuest));
            }

            if (entry is null && change.Scope == ReservedScopes.Actions && _actions.TryGetValue(change.Key, out var ended))
            {
                KeepGate(ended, change, e);
            }

            var lease = change.Scope == ReservedScopes.Leases ? _leases.Find(change.Key) : null;
            Replace(scope, old, entry, change.Key);
            if (lease is not null)
            {
                NoteLosses(lease, _leases.Find(change.Key), e);
            }

            if (change is { Scope: ReservedScopes.Pauses, Key: Pause.Room })
            {
                KeepTime(e.At);
            }

            if (entry is null && change.Fired)
            {
                Expire(change.Scope, change.Key);
            }
        }

        private Entry Written(EntryChange change, RoomEvent e, Entry? old) => new Entry
        {
            Key = change.Key,
            Value = change.ValueOver(old?.Value),
            KnownVersion = change.KnownVersion,
            IsCut = change.IsCut || (!change.HoldsValue && old is { IsCut: true }),
            Edits = change.HoldsValue ? default : (old?.Edits ?? default).With(change.Edits.Length, change.Edits.Sum(edit => edit.Bytes)),
            Revision = change.Revision,
            UpdatedAt = e.At,
            Seq = e.Seq,
            Writer = e.Agent,
            Via = e.Action,
            // What a person has set stays theirs, though a token adds to it.
            ByPerson = e.ByPerson || (TargetRules.IsPlace(change.Scope, change.Key) && old is { ByPerson: true }),
            Timer = change.Timer,
            Enabled = change.Enabled is null ? null : old?.Enabled?.Source == change.Enabled ? old.Enabled : _language.Stored(change.Enabled),
        };

        // What stands still goes on from where it stood: cooldowns end later by as long as the room was paused.
        private void KeepTime(DateTimeOffset now)
        {
            var stood = _running;
            _running = _pauses.Room is null ? stood.Go(now) : stood.Stop(now);
            if (_running.StoodStill == stood.StoodStill)
            {
                return;
            }

            foreach (var (id, use) in _uses)
            {
                if (use.Cooldown is { At: { } at, IsOnWall: false } cooldown && stood.StoppedAt < at)
                {
                    SetUse(id, use with { Cooldown = cooldown with { At = at + (_running.StoodStill - stood.StoodStill) } });
                }
            }
        }

        private void Remember(RemovedAgent agent)
        {
            _fresh = _fresh.Remove(agent.Id);
            _removed = _removed.SetItem(agent.Id, agent);
            if (_removed.Count > MaxRemoved)
            {
                // Whom the open policy lets in must not make a room forget whose the ids of its members were.
                _removed = _removed.Remove(_removed.Values.OrderBy(static a => (!a.IsGuest, a.Until)).First().Id);
            }
        }

        // Whoever deletes a definition was asked whether they may. A timer is not, nor an agent that goes and takes it along: the gate stays.
        private void KeepGate(ActionState action, EntryChange change, RoomEvent e)
        {
            if (action.Definition.Approve is not { } rule || (e.Kind == EventKind.Invoked && !change.Fired))
            {
                return;
            }

            var isGuest = action.Registrant is { } registrant && _agents.GetValueOrDefault(registrant)?.IsGuest != false;
            _keptGates = _keptGates.SetItem(action.Id, new KeptGate(action.Id, rule.By, action.Entry.ByPerson, isGuest, e.Seq));
            if (_keptGates.Count > MaxKeptGates)
            {
                _keptGates = _keptGates.Remove(_keptGates.Values.OrderBy(static gate => (!gate.IsGuest, gate.ByPerson, gate.Seq)).First().Id);
            }
        }

        private void NoteActing(RoomEvent e)
        {
            if (e.Agent is not { } agent)
            {
                return;
            }

            if (e.IsEmbodiment && _agents.TryGetValue(agent, out var made) && made.Since == e.Seq)
            {
                _fresh = _fresh.Add(agent);
            }
            else if (!_fresh.IsEmpty && e.Kind is EventKind.Invoked or EventKind.ApprovalAsked or EventKind.AgentJoined or EventKind.AgentUpdated)
            {
                _fresh = _fresh.Remove(agent);
            }
        }

        // Whoever ends a hold of their own has given it up; by anybody else's hand, or by the time, it is lost.
        private void NoteLosses(LeaseRecord before, LeaseRecord? after, RoomEvent e)
        {
            foreach (var hold in before.Holds)
            {
                if (after?.Of(hold.Agent)?.Fence != hold.Fence && !(e.Kind == EventKind.Invoked && e.Agent == hold.Agent))
                {
                    _losses = _losses.Add(new LeaseLoss(before.Key, hold.Agent, hold.Since, e.Seq));
                }
            }
        }

        private void Expire(string scope, string key)
        {
            if (scope == ReservedScopes.Actions && _expired.Count < MaxExpired)
            {
                _expired = _expired.Add(key);
            }
        }

        private void Replace(ScopeState scope, Entry? old, Entry? entry, string key)
        {
            if (scope.Name == ReservedScopes.Messages && entry is not null)
            {
                // Messages live in a bounded window; the log keeps the older ones.
                _messages = _messages.Add(Message.Read(entry), out var dropped);
                foreach (var message in dropped)
                {
                    scope = scope.Remove(message.Entry.Key);
                    _entries--;
                    Account(message.Entry, entry: null);
                }
            }

            _scopes = _scopes.SetItem(scope.Name, entry is null ? scope.Remove(key) : scope.Put(entry));
            _entries += (entry is null ? 0 : 1) - (old is null ? 0 : 1);
            Account(old, entry);
            _conditional += (entry is { IsConditional: true } ? 1 : 0) - (old is { IsConditional: true } ? 1 : 0);
            Derive(scope.Name, old, entry);
        }

        private void Account(Entry? old, Entry? entry)
        {
            var (before, after) = (old?.Size ?? 0, entry?.Size ?? 0);
            _bytes += after - before;
            if (old is not null && entry is not null && old.Writer == entry.Writer)
            {
                AddUse(entry.Writer, new RoomUse(0, after - before));
                return;
            }

            if (old is not null)
            {
                AddUse(old.Writer, new RoomUse(-1, -before));
            }

            if (entry is not null)
            {
                AddUse(entry.Writer, new RoomUse(1, after));
            }
        }

        private void AddUse(string? writer, RoomUse added)
        {
            var use = _useByWriter.GetValueOrDefault(writer ?? "") + added;
            _useByWriter = use.Entries == 0 ? _useByWriter.Remove(writer ?? "") : added == default ? _useByWriter : _useByWriter.SetItem(writer ?? "", use);
        }

        private void Derive(string scope, Entry? before, Entry? entry)
        {
            var key = (entry ?? before)?.Key;
            if (key is null)
            {
                return;
            }

            _timers = _timers.Replace(new TimerTarget(scope, key, Cooldown: false), before?.Timer, entry?.Timer);
            switch (scope)
            {
                case ReservedScopes.Agents:
                    DeriveAgent(key, entry);
                    _removed = entry is null ? _removed : _removed.Remove(key);
                    break;
                case ReservedScopes.Views:
                    _views = entry is null ? _views.Remove(key) : _views.SetItem(key, ViewDefinition.Read(entry, _views.GetValueOrDefault(key), _language));
                    break;
                case ReservedScopes.Actions:
                    DeriveAction(key, entry);
                    break;
                case ReservedScopes.Approvals or ReservedScopes.ApprovalDetails:
                    _approvals = _approvals.Derive(key, Find(ReservedScopes.Approvals, key), Find(ReservedScopes.ApprovalDetails, key));
                    break;
                case ReservedScopes.Leases:
                    _leases = _leases.Replace(key, entry is null ? null : LeaseRecord.Read(entry));
                    break;
                case ReservedScopes.Config when key == TargetRules.Key:
                    _rules = TargetRules.Read(entry, _language);
                    break;
                case ReservedScopes.Pauses:
                    _pauses = _pauses.With(key, entry);
                    break;
            }

            Degrade(scope, key, entry);
        }

        private Entry? Find(string scope, string key) => _scopes.GetValueOrDefault(scope)?.Find(key);

        private void DeriveAgent(string id, Entry? entry)
        {
            var old = _agents.GetValueOrDefault(id);
            var agent = entry is null ? null : AgentRecord.Read(entry);
            _agents = agent is null ? _agents.Remove(id) : _agents.SetItem(id, agent);

            // A new agent changes the standing of no definition: nothing was registered by it yet.
            if (old is null ? agent is { Grants.IsEmpty: false } : agent is null || agent.User != old.User || agent.JoinedSeq != old.JoinedSeq || !agent.Grants.AsSpan().SequenceEqual(old.Grants.AsSpan()))
            {
                _standing = new object();
            }
        }

        // What old content has lost by rules and limits of today. Nearly always nothing.
        private void Degrade(string scope, string key, Entry? entry)
        {
            var problem = entry is null ? null
                : entry.IsCut ? $"The log holds a value here that is nested deeper than {JsonRules.MaxShownDepth} levels; what lies deeper is left out."
                : entry.Enabled?.Issue is { } issue ? $"'enabled' cannot be evaluated: {issue.Message}"
                : scope switch
                {
                    ReservedScopes.Actions => Problem(_actions[key].Definition),
                    ReservedScopes.Views => _views[key] is var view && (view.Expression.Issue ?? view.Enabled?.Issue) is { } broken ? broken.Message : null,
                    _ => null,
                };
            if (problem is not null)
            {
                _degraded = _degraded.SetItem(new StateKey(scope, key), problem);
            }
            else if (!_degraded.IsEmpty)
            {
                _degraded = _degraded.Remove(new StateKey(scope, key));
            }
        }

        private static string? Problem(ActionDefinition definition) =>
            definition.Problem?.Message ?? definition.Broken.Select(static e => e.Issue!.Message).FirstOrDefault() ?? definition.Params.FindOutdatedPattern();

        private void DeriveAction(string id, Entry? entry)
        {
            var old = _actions.GetValueOrDefault(id);
            if (entry is null)
            {
                _actions = _actions.Remove(id);
                _targets = _targets.Replace(id, old?.Definition, after: null);
                SetUse(id, ActionUse.None);
                return;
            }

            _expired = _expired.Remove(id);
            _keptGates = _keptGates.Remove(id);
            var state = ActionState.Read(entry, old, _language);
            _actions = _actions.SetItem(id, state);
            if (!ReferenceEquals(old?.Definition, state.Definition))
            {
                _targets = _targets.Replace(id, old?.Definition, state.Definition);
            }
        }

        private void Tick(TimerTarget target)
        {
            if (target.Cooldown)
            {
                var use = _uses.GetValueOrDefault(target.Key, ActionUse.None);
                if (use.Cooldown is { TicksLeft: > 1 } cooldown)
                {
                    SetUse(target.Key, use with { Cooldown = cooldown with { TicksLeft = cooldown.TicksLeft - 1 } });
                }

                return;
            }

            // A timer that this very event replaced has not begun to tick.
            if (_scopes.GetValueOrDefault(target.Scope) is { } cells
                && cells.Find(target.Key) is { Timer: { TicksLeft: > 1 } timer } entry
                && ReferenceEquals(timer, before.Find(target.Scope, target.Key)?.Timer))
            {
                Replace(cells, entry, entry.WithTimer(timer with { TicksLeft = timer.TicksLeft - 1 }), target.Key);
            }
        }

        private void Count(ActionState action, DateTimeOffset at)
        {
            var use = _uses.GetValueOrDefault(action.Id, ActionUse.None);
            var cooldown = action.Definition.OnInvoke?.Start(at);
            SetUse(action.Id, new ActionUse(use.Count + 1, at, cooldown));
        }

        private void SetUse(string action, ActionUse use)
        {
            var old = _uses.GetValueOrDefault(action, ActionUse.None);
            _timers = _timers.Replace(TimerTarget.CooldownOf(action), old.Cooldown, use.Cooldown);
            _uses = use.Count == 0 ? _uses.Remove(action) : _uses.SetItem(action, use);
        }
    }
}
