using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Leases;

/// <summary>
/// What an invocation does with leases, as its action's <c>lease</c> says: before the guard it asks whether the invoker holds what the action needs, and with the writes it takes and ends what it takes and
/// ends. A key that is made of the first write's is known with that. One invocation.
/// </summary>
internal sealed class LeaseStep(InvocationInput input, ActionState action, IReadOnlyDictionary<string, JsonElement> bound, LeaseEdit leases)
{
    private readonly LeaseSpec _spec = action.Definition.Lease!; // It is made for who has one.
    private readonly TemplateInputs _inputs = new(bound, input.Actor.Agent, input.Moment.Now);
    private readonly List<(string Key, LeaseHold Hold)> _taken = [];
    private readonly List<string> _ended = [];

    /// <summary>The keys that the invoker holds and has to hold, once it is applied.</summary>
    public ImmutableArray<string> Held { get; private set; } = [];

    private string What => $"Action '{action.Id}'";

    /// <summary>Null when the invoker holds what is known to be needed.</summary>
    /// <remarks>Errors: <c>identity_mismatch lease_required lease_lost invalid_id</c>.</remarks>
    public SyncError? CheckBefore()
    {
        if (input.Actor.Agent is null)
        {
            return LeaseHolder.None(action.Id);
        }

        if (!KeysOf(_spec.Held.Where(static key => !LeaseSpec.UsesKey(key)), _inputs).Try(out var known, out var error))
        {
            return error;
        }

        if (_spec.Held.Any(LeaseSpec.UsesKey))
        {
            // The rest is known with the writes, and one fence is for all.
            return known.FirstOrDefault(key => leases.HoldOf(input.Actor.Agent, key) is null) is { } missing ? Of(LeaseFence.Check(leases, input.Actor.Agent, [missing], input.Fence, What)) : null;
        }

        return known.IsEmpty ? null : Of(LeaseFence.Check(leases, input.Actor.Agent, known, input.Fence, What));
    }

    /// <summary>Null when the invoker holds what the action needed and ended, and nobody else holds what it took: what is asked of who takes back what it wrote.</summary>
    /// <param name="key">The key of its first write, or null where that is not known.</param>
    /// <param name="withParameters">Whether the parameters are known; a lease that they name may otherwise be anybody's, and is an owner's to overrule.</param>
    /// <remarks>Errors: <c>lease_required lease_lost lease_held invalid_id</c>.</remarks>
    public SyncError? CheckAgain(string? key, bool withParameters)
    {
        bool IsKnown(TextTemplate template) => template.Placeholders.All(part => part.Root == "self" || (part.Root == Placeholder.KeyRoot ? key is not null : part.Root == "params" && withParameters));
        if (input.Actor.Level != AccessLevel.Admin && !_spec.Held.Concat(_spec.Take).All(IsKnown))
        {
            return Of(new SyncError(ErrorCode.LeaseRequired, $"{What} named a lease by parameters that the log does not tell, and somebody else may hold it now.") { Hint = "Ask an owner of the room to revert it." });
        }

        return Refusal(IsKnown, _inputs with { Key = key });
    }

    /// <summary>Takes and ends what the action takes and ends, when its writes are known; null when it could.</summary>
    /// <param name="key">The key of its first write, or null.</param>
    /// <param name="isOpen">Whether that may be told to the invoker, and to everybody.</param>
    /// <remarks>Errors: <c>lease_held lease_required lease_lost invalid_id invalid_param payload_too_large scope_denied</c>.</remarks>
    public SyncError? Apply(string? key, bool isOpen)
    {
        var agent = input.Actor.Agent!; // Asked for before.
        var inputs = _inputs with { Key = key };
        if (!isOpen && _spec.Placeholders.Any(static part => part.Root == Placeholder.KeyRoot))
        {
            return new SyncError(ErrorCode.ScopeDenied, $"{What} would make a lease of a key that not everybody may read, and everybody reads leases.")
            {
                Hint = "Whoever registered the action can let its first write go to a scope whose name begins with '_', by a key that shared state gives.",
            }.With("action", action.Id);
        }

        if (!KeysOf(_spec.Held, inputs).Try(out var held, out var error) || !KeysOf(_spec.Take, inputs).Try(out var take, out error) || !KeysOf(_spec.End, inputs).Try(out var end, out error))
        {
            return error;
        }

        if (_spec.Held.Any(LeaseSpec.UsesKey) && LeaseFence.Check(leases, agent, held, input.Fence, What) is { } missing)
        {
            return Of(missing);
        }

        if (held.IsEmpty && input.Fence is not null && LeaseFence.Check(leases, agent, take, input.Fence, What) is { } lost)
        {
            return Of(lost);
        }

        Held = held;
        if (take.Length > 0 && Take(take, inputs) is { } refused)
        {
            return Of(refused);
        }

        foreach (var ended in end.Where(ended => leases.HoldOf(agent, ended) is not null))
        {
            leases.End(ended, agent);
            _ended.Add(ended);
        }

        return null;
    }

    /// <summary>What would keep an invocation away that is known before it, without its writes; null where nothing does.</summary>
    /// <param name="withParameters">Whether the parameters are known.</param>
    public SyncError? Explain(bool withParameters)
    {
        return Refusal(template => withParameters ? !LeaseSpec.UsesKey(template) : LeaseSpec.IsOpen(template), _inputs);
    }

    /// <summary>Writes <c>leases</c>, what was taken, and <c>leases_done</c>, what has ended with it.</summary>
    public void WriteAnswer(Utf8JsonWriter writer, Moment after)
    {
        if (_taken.Count > 0)
        {
            LeaseAnswer.WriteList(writer, after, _taken);
        }

        if (_ended.Count > 0)
        {
            writer.WriteStartArray("leases_done"u8);
            _ended.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }
    }

    // What keeps the invoker away: of the keys that are known, one to be held that it does not hold, or one to be taken that others hold.
    private SyncError? Refusal(Func<TextTemplate, bool> isKnown, TemplateInputs inputs)
    {
        if (!KeysOf(_spec.Held.Where(isKnown), inputs).Try(out var held, out var error) || !KeysOf(_spec.Take.Where(isKnown), inputs).Try(out var take, out error))
        {
            return error;
        }

        var agent = input.Actor.Agent;
        return Of((held.IsEmpty ? null : LeaseFence.Check(leases, agent, held, input.Fence, What))
            ?? take.Select(key => leases.Conflict(new WantedLease(key, _spec.Mode == LeaseMode.Shared, []), agent, input.Budget)).FirstOrDefault(static conflict => conflict is not null));
    }

    private SyncError? Take(ImmutableArray<string> keys, TemplateInputs inputs)
    {
        if (input.IsLapse)
        {
            return new SyncError(ErrorCode.LeaseRequired, "What follows the end of a lease takes none.");
        }

        var lapse = _spec.OnLapse is null ? null : new LeaseLapse(_spec.OnLapse, _spec.LapseParams?.Expand(inputs) ?? Given())
        {
            Version = input.Moment.State.Actions.GetValueOrDefault(_spec.OnLapse)?.Entry.Version ?? "",
            Source = action.Id,
            SourceVersion = action.Entry.Version,
        };
        if (!LeaseParams.Ttl(_spec.Ttl?.Expand(inputs).ToElement() ?? default).Try(out var ttl, out var error)
            || !LeaseParams.Note(_spec.Note?.Expand(inputs).ToElement() is { ValueKind: JsonValueKind.String } text ? text.GetString() : null).Try(out var note, out error)
            || !ReadPaths(_spec.Paths?.Expand(inputs).ToElement() ?? default).Try(out var paths, out error))
        {
            return error;
        }

        if (lapse?.Params.Length > LeaseParams.MaxLapseBytes)
        {
            return BoundErrors.TooLong("What is kept for 'on_lapse'", lapse.Params.Length, LeaseParams.MaxLapseBytes);
        }

        for (var i = 0; i < keys.Length; i++)
        {
            if (!leases.Take(ClaimOf(keys[i]), input.Actor, input.EventSeq, input.Limits, input.Budget).Try(out var hold, out error))
            {
                foreach (var rest in keys[(i + 1)..])
                {
                    leases.Want(ClaimOf(rest), input.Actor.Agent!); // Asked for before.
                }

                return error;
            }

            _taken.Add((keys[i], hold));
        }

        return null;

        LeaseClaim ClaimOf(string key) => new() { Key = key, Mode = _spec.Mode, Ttl = ttl, Note = note, Paths = _spec.Paths is null ? null : paths, OnLapse = lapse, Via = action.Id };
    }

    // The action takes a key in any case: whoever sends it an empty list reserves no paths. Of a claim, the list may be all there is.
    private static Outcome<ImmutableArray<PathPattern>> ReadPaths(JsonElement given) =>
        given.ValueKind == JsonValueKind.Array && given.GetArrayLength() == 0 ? ImmutableArray<PathPattern>.Empty : PathPatterns.Read(given);

    private JsonText Given() => JsonText.Write(bound, static (writer, bound) =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in bound)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static Outcome<ImmutableArray<string>> KeysOf(IEnumerable<TextTemplate> templates, TemplateInputs inputs)
    {
        var keys = ImmutableArray.CreateBuilder<string>();
        foreach (var template in templates)
        {
            if (!LeaseParams.Key(template.Expand(inputs)).Try(out var key, out var error))
            {
                return error.With("field", "lease");
            }

            if (!keys.Contains(key))
            {
                keys.Add(key);
            }
        }

        return keys.ToImmutable();
    }

    private SyncError? Of(SyncError? refusal) => refusal?.With("action", action.Id);
}
