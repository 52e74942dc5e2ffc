using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Context;

/// <summary>
/// Joins a context from fragments: entries keep their JSON, scopes keep theirs joined, views and availability are memoised. One context, one thread.
/// <para>
/// A context is bounded in bytes: it is written as if it fitted, by a <see cref="ContextPlan"/>, or as a page where one scope or section is asked for
/// (<see cref="ContextComposer"/>). What is not there is in <c>elided</c>, with the query that gets it.
/// </para>
/// </summary>
internal sealed partial class ContextWriter
{
    // Of the scopes that are cut by a budget, and of the parts too long for it, so many are named for each kilobyte.
    private const int NamedPerKilobyte = 2;

    // What a page has beside its parts.
    private const int OwnFields = 1024;

    // Of the scopes that are cut whole, names of so many bytes cost less than the note on those that are not named.
    private const int LeastNames = 100;

    private readonly ContextSource _source;
    private readonly ShownParts _shown;
    private readonly RoomActivation _reader;

    // Null while it is written as if it fitted, and of a page.
    private readonly ContextPlan? _plan;
    private readonly ContextSalience? _salience;
    private readonly Entry? _objective;
    private readonly long _objectiveBytes;
    private readonly bool _isBounded;
    private readonly long _bytes;

    // A part that has more is in no context at all; what has no parts that could be read by themselves may be as long as an answer.
    private readonly long _longest;
    private readonly long _answer;
    private long _limit;
    private bool _isOver;

    private readonly List<JsonObject> _attention = [];
    private readonly Cuts _cuts;

    // Scopes that are cut whole and named together, and what is left for their names.
    private readonly List<(string Name, long Missing)> _cutScopes = [];
    private long _namesLeft;

    // Whether anything of the state is there.
    private bool _hasState;

    // The last scope of the state that is here or named: where a page of the others begins.
    private string? _lastScope;

    // Those that are not.
    private readonly List<string> _furtherScopes = [];

    /// <param name="source">What it is written from.</param>
    /// <param name="shown">What of the room it is about.</param>
    /// <param name="bytes">How long its parts may be together.</param>
    /// <param name="longest">How long one part may be.</param>
    /// <param name="whole">How long the whole context may be.</param>
    /// <param name="planned">What it has where not everything fits; null to write it as if it fitted.</param>
    public ContextWriter(ContextSource source, ShownParts shown, long bytes, long longest, long whole, PlannedContext? planned)
    {
        _source = source;
        _shown = shown;
        _reader = shown.Reader;
        _cuts = source.Shape.Budget is null
            ? new Cuts(source.Steps)
            : new Cuts(source.Steps, (int)Math.Clamp(whole / 1024 * NamedPerKilobyte, 1, Cuts.MaxNamed), "budget");
        _bytes = bytes;
        _limit = bytes;
        _answer = longest;
        _namesLeft = Math.Max(bytes / 10, LeastNames);
        _isBounded = planned is not null;
        (_plan, _salience, _objective, _objectiveBytes) = (planned?.Plan, planned?.Salience, planned?.Objective, planned?.ObjectiveBytes ?? 0);

        // A model is not given a value that alone is longer than a context of its should be; others get it.
        _longest = !_isBounded ? longest
            : source.Shape.Budget is not null ? Math.Min(longest, Math.Max(bytes, 1))
            : source.Shape.IsLean ? Math.Min(longest, Math.Max(whole - OwnFields, whole / 2))
            : longest;
    }

    /// <summary>What it is written from.</summary>
    public ContextSource Source => _source;

    /// <summary>Written as if it fitted: whether something did not.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether the bound has left something out.</summary>
    public bool HasMissing => _cuts.HasMissing;

    private RoomState State => _source.Moment.State;

    /// <summary>Writes the context. Once.</summary>
    public JsonText Write() => JsonText.Write(this, static (json, context) => context.WriteWhole(json));

    /// <summary>Writes what a lobby says of the room. Once.</summary>
    public LobbyRoom WriteLobby() => new(
        JsonText.Write(this, static (writer, context) => context.WriteAgents(writer)),
        ScopeOf(ReservedScopes.Roles),
        RoleHolders(),
        _source.Session is { } session ? JsonText.Write((session, _source), static (writer, t) => t.session.WriteValue(writer, t._source)) : null);

    private JsonText? RoleHolders()
    {
        var holders = new JsonObject();
        foreach (var role in Roles.Declared(_source.Moment))
        {
            if (Roles.HolderOf(_source.Moment, role) is { } agent)
            {
                holders[role] = new JsonObject { ["agent"] = agent };
            }
        }

        return holders.Count == 0 ? null : JsonText.Of(holders);
    }

    // A whole scope of the state, where it is there and fits.
    private JsonText? ScopeOf(string name) => State.Scope(name) is { } scope && scope.Bytes <= _limit
        ? JsonText.Write((this, scope), static (writer, t) =>
            writer.WriteRawValue(ScopeState.Join(t.scope.Entries.Values.Where(entry => t.Item1._reader.IsVisible(entry, t.scope.Name)).ToList()), skipInputValidation: true))
        : null;

    // Whether a part of about this size fits. While the context is written as if it fitted, one that does not ends it: the rest need not be written.
    private bool Takes(Utf8JsonWriter writer, long length)
    {
        if (!_isOver && writer.BytesCommitted + writer.BytesPending + length <= _limit)
        {
            return true;
        }

        _isOver |= !_isBounded;
        return false;
    }

    private void WriteWhole(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var section in _source.Sections)
        {
            writer.WritePropertyName(section.Name());
            WriteSection(writer, section);
        }

        WriteApprovals(writer);
        if (_source.Shape.Include.HasFlag(ContextExtras.Activity))
        {
            writer.WritePropertyName(ContextExtraNames.Activity);
            WriteActivity(writer);
        }

        if (_source.Shape.Include.HasFlag(ContextExtras.History))
        {
            WriteHistory(writer);
        }

        if (_source.Changed is not null && !_source.Shape.IsLogAlone)
        {
            WriteRemoved(writer);
        }

        writer.WriteString("self"u8, _source.Self);
        _source.Session?.Write(writer, _source);
        WriteSummary(writer);
        writer.WriteEndObject();
    }

    private void WriteSection(Utf8JsonWriter writer, ContextSection section)
    {
        switch (section)
        {
            case ContextSection.State:
                WriteState(writer);
                break;
            case ContextSection.Views:
                WriteViews(writer);
                break;
            case ContextSection.Agents:
                WriteAgents(writer);
                break;
            case ContextSection.Actions:
                WriteActions(writer);
                break;
            case ContextSection.Leases:
                WriteLeases(writer);
                break;
            default:
                WriteMessages(writer);
                break;
        }
    }

    private void WriteRemoved(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("removed"u8);
        _limit = _bytes;
        foreach (var key in _source.Changed!)
        {
            // Past the bound the reader can only read the room anew; attention says so.
            if (!Takes(writer, 0))
            {
                if (_isBounded)
                {
                    _attention.Add(new JsonObject { ["kind"] = "removed_cut", ["message"] = "Not all removals fit: read the room without 'since'." });
                }

                break;
            }

            if (key is { Scope: { } scope, Key: { } name } && _source.VisibleScopes.Sees(scope) && IsAskedFor(scope, name) && State.Find(scope, name) is null)
            {
                writer.WriteStartObject();
                writer.WriteString("scope"u8, scope == _source.Self && !_source.VisibleScopes.All ? ReservedScopes.Self : scope);
                writer.WriteString("key"u8, name);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    // A removal is told to who asked for what it was in. Messages do not go.
    private bool IsAskedFor(string scope, string key)
    {
        var (section, name) = scope switch
        {
            ReservedScopes.Agents => (ContextSection.Agents, key),
            ReservedScopes.Actions => (ContextSection.Actions, key),
            ReservedScopes.Views => (ContextSection.Views, key),
            ReservedScopes.Leases => (ContextSection.Leases, key),
            _ => (ContextSection.State, scope == _source.Self && !_source.VisibleScopes.All ? ReservedScopes.Self : scope),
        };
        return scope != ReservedScopes.Messages
            && ((_source.Shape.Has(section) && _source.Selection.Has(section, name) && (section != ContextSection.State || _source.Selection.Of(section)?.Of(name)?.Has(key) is not false))
                || (_source.Selection.Of(ContextSection.State) is { } named && named.Has(scope) && named.Of(scope)?.Has(key) is not false));
    }

    // A query of the same shape: what was asked for, of one scope or section, from where this answer ends.
    private NextStep QueryOf(ContextPart only, string? after) => QueryOf([only], after);

    private NextStep QueryOf(IEnumerable<ContextPart> only, string? after) => NextStep.ReadParts(
        _source.Room,
        only,
        new("depth", _source.Shape.Depth == ContextDepth.Lean ? null : _source.Shape.Depth.Name()),
        new("meta", _source.Shape.Meta ? true : null),
        new("include", _source.Shape.WithPrivate ? ContextExtraNames.Private : null),
        new("at", _source.Shape.At),
        new("since", _source.Shape.Since),
        new("limit", _source.Shape.PagesLog ? null : _source.Shape.Limit),
        new("budget", _source.Shape.Budget),
        new("after", after));
}
